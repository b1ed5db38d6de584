"""Errors as readers meet them: a sentence on a page, or RFC 9457 problem JSON. No traceback ever."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, json, make_response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from config.errors import TryAgainError, UsageError, WatchfloorError
from index.errors import IndexDamagedError, NotFoundError, TakenDownError
from web.refusals import RefusedError, SignInNeededError, TooOftenError
from web.sign_in import sign_in_page
from web.site import wants_json

log = logging.getLogger(__name__)
_SENTENCES = {
    400: "This request cannot be read.",
    404: "There is nothing at this address.",
    405: "Pages here are only read.",
    413: "The request is too large.",
}


def register(app: Flask) -> None:
    """Answer every error of the application."""
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(RefusedError, _of_refused)
    app.register_error_handler(WatchfloorError, _of_ours)
    app.register_error_handler(Exception, _of_bug)


def problem(status: int, detail: str) -> ResponseReturnValue:
    """Return an error as the asker can read it; `detail` is one sentence."""
    title = HTTPStatus(status).phrase
    if wants_json():
        body = json.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail})
        return Response(body, status=status, content_type="application/problem+json")
    return render_template("error.html", status=status, title=title, detail=detail), status


def _of_http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    said = error.description if status == 404 and isinstance(error.description, str) else ""
    ours = said if said and not said.startswith("The requested URL") else _SENTENCES.get(status, "It did not work.")
    answer = make_response(problem(status, ours))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _of_refused(error: RefusedError) -> ResponseReturnValue:
    if isinstance(error, SignInNeededError) and not wants_json():
        return sign_in_page(str(error))
    answer = make_response(problem(error.status, str(error)))
    if isinstance(error, TooOftenError):
        answer.headers["Retry-After"] = str(error.wait_s)
    return answer


def _of_ours(error: WatchfloorError) -> ResponseReturnValue:
    if isinstance(error, TakenDownError):
        return problem(410, str(error))
    if isinstance(error, NotFoundError):
        return problem(404, str(error))
    if isinstance(error, UsageError):
        return problem(400, str(error))
    # What is wrong is the operator's to know: it names folders and servers.
    log.error("a page could not be answered", extra={"cause": str(error)})
    if isinstance(error, TryAgainError):
        return _later(60, "The archive is busy. Repeat this in a minute.")
    if isinstance(error, IndexDamagedError):
        if error.rebuilding:
            return _later(60, "The search index is being made anew. Repeat this in some minutes; articles can be read.")
        return _later(600, "The search index does not open; its operator finds in the log how to mend it.")
    return problem(503, "The archive cannot be searched now. Its operator finds the cause in the log.")


def _later(seconds: int, detail: str) -> ResponseReturnValue:
    answer = make_response(problem(503, detail))
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _of_bug(error: Exception) -> ResponseReturnValue:
    log.exception("a page failed", extra={"cause": f"{type(error).__name__}: {error}"})
    return problem(500, "Something went wrong here, not with your request. It is in the operator's log.")

"""Lines of a page that say nothing of its news (times, reading times, share labels), and notices of correction.

Tables in the languages we read. Pure. The extractor leaves most such lines out; what it lets through must not pass for
an edit of the outlet's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LINE_CHARS = 160
"""A longer paragraph is never a line of the page."""

NOTICE_CHARS = 1000
"""Where in a paragraph a notice of correction is looked for: it comes first."""


def _any_of(*lines: str) -> str:
    return "|".join(form for line in lines for form in line.split(" | "))


# What a time of updating begins with; every word behind it must be one of a time.
_STAMP = re.compile(
    r"(?:"
    + _any_of(
        "(?:last |first )?(?:updated|modified|published|posted|edited) | as of | last update",
        "(?:dernière )?mise à jour | mis à jour | publié | modifié",
        "(?:zuletzt )?aktualisiert | stand | veröffentlicht",
        "(?:última )?actualizaci[óo]n | actualizado | publicado | (?:última )?atualização | atualizado",
        "(?:ultimo )?aggiornamento | aggiornato | pubblicato | (?:laatst )?bijgewerkt | gepubliceerd",
        "(?:senast )?uppdaterad | publicerad | (?:sist )?oppdatert | publisert | (?:senest )?opdateret",
        "päivitetty | julkaistu | zaktualizowano | aktualizacja | opublikowano | aktualizováno | diperbarui",
        "обновлено | опубликовано | оновлено | güncelle(?:me|ndi) | עודכן | (?:آخر )?تحديث",
        "更新(?:时间|時間|日時|于|於)? | 最終更新 | 发布时间 | 수정 | 입력 | 업데이트",
    )
    + r")(?![^\W\d_])[\s:：,]*",
    re.IGNORECASE,
)
_TIME_WORDS = frozenset(
    _any_of(
        "a | p | m | am | pm | an | at | on | the | ago | just | now | since | today | yesterday | st | nd | rd | th",
        "s | sec | secs | second | seconds | min | mins | minute | minutes",
        "h | hr | hrs | hour | hours | day | days",
        "mon | tue | tues | wed | thu | thur | thurs | fri",
        "sat | sun | monday | tuesday | wednesday | thursday | friday",
        "saturday | sunday | jan | feb | mar | apr | may | jun | jul | aug | sep | sept | oct | nov | dec | january",
        "february | march | april | june | july | august | september | october | november | december",
        "gmt | utc | bst | est | edt | cst | cdt | mst | mdt | pst",
        "pdt | et | cet | cest | msk | kst | jst | ist | sgt",
        "le | la | les | il | y | à | heure | heures | jour | jours | janvier | février | mars | avril | mai | juin",
        "juillet | août | septembre | octobre | novembre | décembre | vor | um | uhr | am | den | minuten | stunde",
        "stunden | tag | tagen | januar | februar | märz | juni | juli | oktober | dezember | hace | há | a las | de",
        "del | el | minuto | minutos | hora | horas | día | días | enero | febrero | marzo | abril | mayo | junio",
        "julio | agosto | septiembre | octubre | noviembre | diciembre | janeiro | fevereiro | março | maio | junho",
        "julho | setembro | outubro | novembro | dezembro | fa | alle",
        "ore | ora | minuti | giorno | giorni | gennaio",
        "febbraio | aprile | maggio | giugno | luglio | settembre | ottobre",
        "dicembre | geleden | uur | minuten | om",
        "op | kl | sedan | siden | timmar | timme | timer | минут | минуты | минуту | час | часа | часов | назад | в",
        "января | февраля | марта | апреля | мая | июня | июля | августа | сентября | октября | ноября | декабря",
        "dakika | saat | önce | 年 | 月 | 日 | 时 | 時 | 分 | 秒",
        "前 | 分钟 | 小时 | 分鐘 | 小時 | 時間 | 분 | 시간 | 전",
    ).split("|")
)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_AGO = re.compile(
    _any_of(
        r"(?:\d+|an?|one) (?:second|minute|min|hour|hr|day)s? ago | just now | il y a \d+ (?:minute|heure|jour)s?",
        r"vor \d+ (?:minute|stunde|tag)\w* | hace \d+ (?:minuto|hora|d[ií]a)s? | há \d+ (?:minuto|hora|dia)s?",
        r"\d+ (?:minuti|ore|giorni) fa | \d+ (?:минут[ыу]?|час(?:а|ов)?) назад",
        r"\d+ ?(?:分钟|小时|分鐘|小時|分|時間)前",
        r"\d+ ?(?:분|시간) ?전 | \d+ (?:dakika|saat) önce",
    ),
    re.IGNORECASE,
)
_READ_TIME = re.compile(
    _any_of(
        r"(?:reading time:? )?\d+(?: ?[-–] ?\d+)?[ -]?min(?:ute)?s?\.?(?: (?:read|to read|reading time))?",
        r"(?:temps de lecture|lecture) ?:? ?\d+ ?min(?:utes?)?\.? | \d+ ?min(?:utes?)?\.? de lecture",
        r"(?:lesezeit|lesedauer|leestijd) ?:? ?\d+ ?min(?:uten?)?\.? | \d+ ?min(?:uten?)?\.? lesezeit",
        r"(?:tiempo|tempo) d[ei] (?:lectura|leitura|lettura) ?:? ?\d+ ?min(?:utos?|uti)?\.?",
        r"\d+ ?min(?:utos?|uti)?\.? d[ei] (?:lectura|leitura|lettura) | время чтения ?:? ?\d+ ?мин(?:ут[ыа]?)?\.?",
        r"阅读时间? ?[:：]? ?\d+ ?分[钟鐘]?",
    ),
    re.IGNORECASE,
)
_LABEL = re.compile(
    _any_of(
        r"share(?: this)?(?: (?:article|story|page|post))?(?: (?:on|via) \w+)? | copy (?:the )?link | link copied",
        r"tweet | print(?: this)?(?: (?:article|page))? | e-?mail(?: this)?(?: (?:article|story))?",
        r"bookmark | comments?",
        r"save(?: (?:article|story|for later))? | listen(?: to (?:this )?(?:article|story))?",
        r"\d[\d,.]* ?(?:comment|share|like|view)s? | (?:view|show|leave|post|add) (?:a |all )?comments?",
        r"facebook | twitter | whatsapp | telegram | linkedin | reddit | advertisement | advertising | newsletter",
        r"partager(?: cet article| sur \w+)? | imprimer | copier le lien | (?:\d+ )?commentaires? | publicité",
        r"teilen | drucken | merken | link kopieren | (?:\d+ )?kommentare? | anzeige | werbung",
        r"compartir | compartilhar | condividi | imprimir | stampa",
        r"(?:\d+ )?coment[aá]rios? | publicidade? | pubblicità",
        r"delen | dela | поделиться | комментарии | печать | реклама | paylaş | مشاركة | שתף",
        r"分享(?:到.{0,12})? | 打印 | 收藏 | 评论 | 广告 | シェア(?:する)? | 印刷",
        r"コメント | 広告 | 공유(?:하기)? | 댓글 | 인쇄 | 광고",
        r"(?:story|article) continues below(?: advertisement)? | continue reading | skip (?:to|past) .{1,60}",
        r"back to top | follow us(?: on .{1,60})?",
        r"(?:sign up|subscribe)(?: (?:to|for|here|now|today)(?: .{0,90})?)?",
        r"(?:©|\(c\)|copyright ).{0,140} | all rights reserved\.?",
    ),
    re.IGNORECASE,
)
# With a colon or the like behind it a headline follows, and without nothing: "Related talks go on" is a sentence.
_POINTER = re.compile(
    r"(?:"
    + _any_of(
        r"read (?:more|also|next) | also read | see also | more on this(?: story| topic)? | more from .{1,40}",
        r"related(?: (?:stories|articles|content|topics|coverage|links))? | recommended(?: stories| for you)?",
        r"most (?:read|popular|viewed) | trending(?: now)? | you may also like | don't miss",
        r"top stories | tags? | topics?",
        r"(?:à )?lire aussi | voir aussi | sur le même sujet | lesen sie auch | mehr zum thema | le[ai]a también",
        r"leia também | veja também | leggi anche | lees ook | les også",
        r"läs också | læs også | lue myös | baca juga",
        r"czytaj (?:też|także) | čtěte také | читайте также | читайте також | اقرأ أيض[ًاا]+",
        r"קרא עוד | 関連記事 | 관련 ?기사",
        r"相关(?:新闻|阅读|报道) | 相關新聞 | 延伸阅读 | 延伸閱讀",
    )
    + r") ?(?:[:：|>»→-].*)?",
    re.IGNORECASE,
)
_POINTED_AT = re.compile(r"[:：|>»→-]\s*\w")
_SENTENCE_END = re.compile(r"[.。!！?？…؟।\"”»」]$")
_PAGE_LINES = (_AGO, _READ_TIME, _LABEL, _POINTER)

_NOTICE_HEAD = re.compile(
    r"[\W_]*(?:"
    + _any_of(
        r"corrections? | clarifications? | correction and clarification | editor['’]s note | erratum | errata",
        r"corrigendum | rectificatif | rectification | précision | mise au point | berichtigung | korrektur",
        r"richtigstellung | klarstellung | anmerkung der redaktion | correcci[óo]n",
        r"fe de erratas? | rectificaci[óo]n",
        r"aclaraci[óo]n | nota de la redacci[óo]n | correção | nota da redação",
        r"correzione | rettifica | precisazione",
        r"rectificatie | correctie | rättelse | rettelse | oikaisu | korjaus | sprostowanie | oprava | исправление",
        r"уточнение | поправка | виправлення | düzeltme | تصحيح | توضيح | תיקון",
        r"הבהרה | 更正 | 勘误 | 勘誤 | 訂正 | 정정",
        r"바로잡습니다 | ralat | koreksi",
    )
    + r") ?(?:\([^)]{1,40}\) ?)?[:：.–—,-]",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    _any_of(
        r"\bthis (?:article|story|report|headline|post|page) (?:was|has been) (?:amended|corrected|changed|revised)\b",
        r"\b(?:has|have) been (?:corrected|amended) (?:to|because|after)\b",
        r"\b(?:an?|the) (?:earlier|previous|original) version of (?:this|the) (?:article|story|report|headline|post)\b",
        r"\bcet article a été (?:corrigé|modifié|rectifié) | \bune (?:première|précédente) version de cet article",
        r"\bin einer (?:früheren|vorherigen|ersten) (?:version|fassung)",
        r"\bdiese[rs]? (?:artikel|text|beitrag|meldung) wurde (?:korrigiert|berichtigt|geändert)",
        r"\beste art[íi]culo (?:ha sido|fue) (?:corregido|modificado|rectificado)",
        r"\buna versi[óo]n anterior de est[ea]",
        r"\best[ea] (?:artigo|texto|reportagem|matéria) foi (?:corrigid|alterad)[oa]",
        r"\buma versão anterior dest[ea]",
        r"\bquesto articolo è stato (?:corretto|modificato) | \buna versione precedente di questo",
        r"\bdit artikel is (?:gecorrigeerd|aangepast) | \been eerdere versie van dit | \ben tidigare version av",
        r"\ben tidligere versj?on av | \bв более ранней версии | \bв первоначальной версии",
        r"本文已(?:更正|修正) | 本文先前版本 | 記事を訂正 | この記事は訂正 | 기사를 정정",
    ),
    re.IGNORECASE,
)


def is_page_line(paragraph: str) -> bool:
    """Say whether a paragraph is a line of the page: a time of updating or reading, a label, a pointer."""
    line = " ".join(paragraph.split()).strip(" .•·|-–—")
    if not line or len(line) > LINE_CHARS:
        return False
    stamp = _STAMP.match(line)
    if stamp is not None and all(_is_of_a_time(word) for word in _WORD.findall(line[stamp.end() :].lower())):
        return True
    return any(form.fullmatch(line) for form in _PAGE_LINES)


def without_page_lines(paragraphs: Iterable[str]) -> list[str]:
    """Leave out the lines of the page, and the headlines under one that opens a list, as "Related articles" does."""
    kept: list[str] = []
    in_list = False
    for paragraph in paragraphs:
        if is_page_line(paragraph):
            bare = _POINTER.fullmatch(paragraph.strip(" .•·|-–—"))
            in_list = bare is not None and not _POINTED_AT.search(paragraph)
            continue
        in_list = in_list and len(paragraph) <= LINE_CHARS and _SENTENCE_END.search(paragraph) is None
        if not in_list:
            kept.append(paragraph)
    return kept


def tells_correction(paragraph: str) -> bool:
    """Say whether a paragraph tells that the outlet corrected, clarified or amended its text."""
    text = " ".join(paragraph[:NOTICE_CHARS].split())
    return _NOTICE_HEAD.match(text) is not None or _NOTICE.search(text) is not None


def _is_of_a_time(word: str) -> bool:
    return word.isdecimal() or word in _TIME_WORDS

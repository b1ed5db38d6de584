"""People that no gazetteer lists: a title before a name, or a full name whose surname comes again. Pure, bounded.

Only for languages of Latin letters; where every noun has a capital (German) a title is needed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from config.names import slug_of_name
from index.subjects.sentence_starts import begins_sentence, is_small_elsewhere, is_start_word
from index.subjects.values import NameFound

MOST_PERSONS = 40
_PART = (
    r"(?:[A-ZÀ-ÖØ-ÞČŠŽĆĐŁŚŻŹİĞŞ][a-zà-öø-ÿčšžćđłśżźığş’']+(?:-[A-ZÀ-ÖØ-Þa-z][a-zà-öø-ÿ]+)*"
    r"|[A-Z]\.|Mc[A-Z][a-z]+|O’[A-Z][a-z]+|al-[A-Z][a-z]+)"
)
_LINK = r"(?:(?:bin|ibn|van|von|de|da|der|den|del|di|el|al|dos|le|la) ){0,2}"
_FULL = re.compile(rf"(?<![\w’'.-]){_PART}(?: {_LINK}{_PART}){{1,3}}(?![\w-])")

_WORD = re.compile(r"(?<![\w’'-])[A-ZÀ-ÖØ-ÞČŠŽĆĐŁŚŻŹİĞŞ][\w’]*(?:-\w+)*")

_SMALL = re.compile(r"(?<![\w’'-])[a-zà-öø-ÿčšžćđłśżźığş]+(?:-\w+)*")
_CALLING_WORDS = (
    "Chairman Chairwoman Chair Speaker Staff Model Former Treasury Under-secretary Undersecretary Agriculture "
    "Commerce Labor Transportation Energy Education Deputy Assistant Acting Vice Whip Leader Coach Star Actor "
    "Actress Singer Author Pope Rabbi Reverend Rev. Bishop Father Sister Brother Detective Inspector Officer "
    "Lawyer Prosecutor Economist Analyst Spokesperson Reporter Correspondent Editor Commissioner Treasurer"
)
_CALLINGS = frozenset(_CALLING_WORDS.split())
"""Words with a capital that say what the bearer of the name behind them is."""

_TITLES = {
    "en": "President Vice-President Chancellor Premier Minister Secretary Ambassador General Gen. Lt. Col. "
    "Colonel Maj. Major Captain Capt. Admiral Adm. Commander Sgt. Marshal Senator Sen. Rep. Congressman "
    "Congresswoman Governor Gov. Mayor Judge Justice Director Spokesman Spokeswoman spokesman spokeswoman "
    "spokesperson minister president secretary ambassador chancellor commander general adviser advisor "
    "envoy Sheikh Ayatollah King Prince Princess Sir Dr. Mr. Mrs. Ms. analyst researcher professor "
    "Professor director leader chief lawmaker activist journalist",
    "de": "Präsident Präsidentin Kanzler Bundeskanzler Bundeskanzlerin Außenminister Außenministerin "
    "Verteidigungsminister Verteidigungsministerin Innenminister Innenministerin Minister "
    "Ministerpräsident Ministerpräsidentin Premierminister General Oberst Admiral Sprecher Sprecherin "
    "Botschafter Botschafterin Generalsekretär Generalin Staatschef Experte Expertin Chef Chefin Herr "
    "Frau Professor Richter",
    "fr": "président présidente ministre général colonel amiral ambassadeur porte-parole chancelier secrétaire "
    "député sénateur maire juge directeur directrice M. Mme roi prince cheikh ayatollah chercheur "
    "chercheuse",
    "es": "presidente presidenta ministro ministra general coronel almirante embajador embajadora portavoz "
    "canciller secretario secretaria senador diputado alcalde juez director directora rey príncipe "
    "expresidente",
    "pt": "presidente ministro ministra general coronel almirante embaixador embaixadora chanceler secretário "
    "secretária senador deputado prefeito juiz diretor diretora rei príncipe porta-voz ex-presidente",
    "it": "presidente ministro ministra generale colonnello ammiraglio ambasciatore ambasciatrice portavoce "
    "cancelliere segretario senatore deputato sindaco giudice direttore direttrice re principe premier",
    "nl": "president minister premier generaal kolonel admiraal ambassadeur woordvoerder secretaris-generaal "
    "senator burgemeester rechter directeur koning prins minister-president kanselier",
    "sv": "president presidenten minister statsminister utrikesminister försvarsminister general överste "
    "ambassadör talesperson kung",
    "no": "president presidenten minister statsminister utenriksminister forsvarsminister general oberst "
    "ambassadør talsmann konge",
    "da": "præsident præsidenten minister statsminister udenrigsminister forsvarsminister general oberst "
    "ambassadør talsmand konge",
    "tr": "Cumhurbaşkanı Başbakanı Başbakan Bakanı Bakan General Orgeneral Büyükelçi Büyükelçisi Sözcüsü "
    "Başkanı Başkan Genel Sekreteri",
}
_POSSESSIVE = ("’s", "'s", "’m", "'m", "’re", "’ve", "’ll", "’d")
_TITLE_WORDS = {language: frozenset(words.split()) for language, words in _TITLES.items()}
_NO_NOUN_CAPITALS = frozenset({"en", "fr", "es", "pt", "it", "nl", "sv", "no", "da", "tr"})
_NO_PERSON_WORDS = (
    "House Court Minister President Ministry City University Street Party National United New State States "
    "Department Council Committee Senate Congress Parliament Union Agency Bank Group Army Navy Force Forces Air "
    "Base Security Service Office Center Centre Institute Association Foundation Company Inc Corp Ltd School "
    "College Hospital Church Island Islands River Sea Ocean Bay Lake Mountain Mount County District Region "
    "Province Republic Kingdom North South East West Northern Southern Eastern Western Central World War Day Week "
    "Year News Times Post Press Media Online TV Monday Tuesday Wednesday Thursday Friday Saturday Sunday January "
    "February March April May June July August September October November December Supreme High Federal Royal "
    "Grand Great Saint San Santa Los Las Le La Les Des Das Der Die Olympic Games Cup League Championship Super "
    "Bowl Premier Prime Foreign Defense Defence Interior Home Affairs Chief Secretary General Director Act Bill "
    "Law Treaty Agreement Deal Nations International European American British Red Black White Green Blue Golden "
    "Road Avenue Square Park Bridge Tower Airport Station Port Gulf Strait Human Rights Watch The This That These "
    "Those He She It They We You I In On At By For From With As But And Or If When While After Before Since Who "
    "What Where Why How Image Photo Video Read More Related Advertisement Getty Images Reuters Associated Click "
    "Here Follow Share Twitter Facebook Apple Google Microsoft Amazon Sony Samsung iPhone Galaxy Pixel Xbox One "
    "PlayStation Windows Android Wall Main Good Happy Merry Christmas Easter Eve Palace Airlines Airways Special "
    "Counsel Attorney Justice Police Trump Silicon Valley Milky Way Costa Rica Parade Big Apps App Store "
    "Play Conseil Ministère Président République Assemblée Nationale Presidente Ministerio Gobierno Governo "
    "Ministero Ministro Repubblica Partito Partido Estados Miembros Mr Dr Mrs Ms Now Among Camp Caucus Mining "
    "Seri República Estado Securities Exchange Exchanges Stock Stocks Board Holdings Holding Savings Systems "
    "Ventures Venture Power Co Fund Funds Capital Health Europe Asia Africa Industries Enterprises Partners "
    "Resources Technologies Motors Metals Traders Trust Futures Options Airline Oil Gas Energy Steel Electric "
    "Insurance Financial Bancorp Bancshares Pacific Atlantic Stores Foods Products Laboratories Pharmaceuticals "
    "Communications Telecom Railway Railroad Rail Shipping Marine Caption Menu Update Weather Bitcoin Jan Feb Mar "
    "Apr Jun Jul Aug Sep Sept Oct Nov Dec Soviet Keyboard Space Cubs"
)
_NO_PERSON = frozenset(_NO_PERSON_WORDS.split())


def persons_in(text: str, taken: dict[int, int], language: str) -> Iterator[NameFound]:
    """Yield people by rules. `taken` are the places of listed names: what overlaps one of them is no new person."""
    titles = _TITLE_WORDS.get(language)
    if titles is None:
        return
    small = frozenset(_SMALL.findall(text))
    full: Counter[str] = Counter()
    titled: dict[str, str] = {}
    for found in _FULL.finditer(text):
        name, start = _without_start(found.group(), found.start(), text, language, small)
        name, start = _without_title(name, start, titles)
        words = name.split()
        if any(word.endswith(_POSSESSIVE) for word in words) or is_start_word(words[0], language):
            continue
        if (
            len(words) < 2
            or len(set(words)) < len(words)
            or _NO_PERSON.intersection(words)
            or any(start <= at < found.end() for at in _near(taken, start, found.end()))
        ):
            continue
        full[name] += 1
        before = text[max(0, start - 24) : start].split()
        if before and before[-1].strip('("“') in titles and name not in titled:
            titled[name] = before[-1]
    times_of = Counter(_WORD.findall(text))
    yielded = 0
    for name, times in full.most_common():
        if yielded == MOST_PERSONS:
            return
        last = name.split()[-1]
        again = times_of[last] - times if len(last) > 2 else 0
        if name in titled or (language in _NO_NOUN_CAPITALS and again > 0 and (times > 1 or again > 1)):
            yielded += 1
            why = f"title: {titled[name]}" if name in titled else "surname comes again"
            yield NameFound("person", slug_of_name(name), name, times + max(0, again), (name,), why)


def _without_start(name: str, start: int, text: str, language: str, small: frozenset[str]) -> tuple[str, int]:
    """Drop words that begin the sentence and are no part of the name: `Although Anna Berg`, `Yesterday Berg`."""
    if not begins_sentence(text, start):
        return name, start
    words = name.split(" ")
    dropped = 0
    while dropped < len(words) - 1 and (
        is_start_word(words[dropped], language) or is_small_elsewhere(words[dropped], small)
    ):
        dropped += 1
    return " ".join(words[dropped:]), start + sum(len(word) + 1 for word in words[:dropped])


def _without_title(name: str, start: int, titles: frozenset[str]) -> tuple[str, int]:
    """Drop titles with a capital that were read as the first part of the name, and a possessive behind it."""
    words = name.split(" ")
    words[-1] = words[-1].removesuffix("’s").removesuffix("'s")
    dropped = 0
    while len(words) - dropped > 2 and (words[dropped] in titles | _CALLINGS or words[dropped] in _NO_PERSON):
        dropped += 1
    if len(words) - dropped == 2 and words[dropped] in titles | _CALLINGS:
        dropped += 1
    cut = sum(len(word) + 1 for word in words[:dropped])
    return " ".join(words[dropped:]), start + cut


def _near(taken: dict[int, int], start: int, end: int) -> Iterator[int]:
    return (at for at in range(start, end) if at in taken)

"""Words that begin a sentence before a name and are no part of it: `Although Berg`, `Lundi Dubois`. Pure.

Stop words are known by language already (`index.search.languages`); here are those that a search must not pass over.
"""

from __future__ import annotations

import re

from index.search.analysis import fold, is_stop

_STARTS = {
    "en": "although though despite unlike like besides without within whereas whether unless since yet still even "
    "ever perhaps maybe later earlier today tomorrow yesterday tonight now once often sometimes always never "
    "soon again already instead meanwhile however moreover furthermore nevertheless nonetheless otherwise "
    "therefore thus hence indeed rather quite almost nearly around across along among amid amidst amongst "
    "behind beyond inside outside near beside beneath toward towards upon via versus per alongside concerning "
    "regarding considering according following including given assuming provided because lest plus minus save "
    "except asked told said says added call calls another many much several every everyone everybody "
    "everything nobody nothing somebody someone something anyone anybody either neither whoever whatever "
    "whichever whenever wherever former late then-president ex-president most last next first second third "
    "finally lastly firstly secondly back welcoming adding add speaking day-by-day dear both all any did does "
    "do has have had is are was were can could should would may might must shall let see read watch hide show "
    "quick nice here there elsewhere somewhere anyway somehow two three four five six seven eight nine ten "
    "only also just so",
    "fr": "alors ainsi aussi après avant depuis pendant durant malgré selon sauf hormis outre contre chez vers voici "
    "voilà quand lorsque puisque parce tandis quoique bien si hier demain lundi mardi mercredi jeudi vendredi "
    "samedi dimanche enfin ensuite puis pourtant cependant toutefois néanmoins désormais déjà encore jamais "
    "toujours souvent parfois ici là certes car donc or ni soit tous toutes tout toute chaque plusieurs "
    "certains autre autres aujourd’hui interrogé interrogée quant face grâce suite feu",
    "es": "aunque además ahora ahí allí aquí así apenas antes después luego entonces mientras según salvo excepto "
    "mediante hacia ayer hoy mañana lunes martes miércoles jueves viernes sábado domingo finalmente todavía "
    "nunca siempre quizá quizás tal incluso aún cada varios algunos ambos otros todo todos toda todas cuándo "
    "dónde cómo preguntado dado pese gracias frente junto si tampoco",
    "pt": "embora além agora ali aqui assim apenas antes depois então enquanto segundo conforme salvo exceto "
    "mediante ontem hoje amanhã segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo "
    "finalmente ainda nunca sempre talvez inclusive cada vários alguns ambos outros todo todos toda todas "
    "porém contudo todavia entretanto perante durante desde apesar graças frente caso logo já",
    "it": "sebbene benché inoltre adesso ora lì qui così appena prima dopo poi allora mentre secondo salvo eccetto "
    "mediante verso ieri oggi domani lunedì martedì mercoledì giovedì venerdì sabato domenica infine ancora "
    "mai sempre forse persino ogni vari alcuni entrambi altri tutto tutti tutta tutte però tuttavia intanto "
    "durante malgrado nonostante grazie accanto se anzi quindi dunque senza fra",
    "nl": "hoewel daarnaast inmiddels ondertussen vandaag gisteren morgen maandag dinsdag woensdag donderdag vrijdag "
    "zaterdag zondag echter bovendien daarom daarna eerder later nooit altijd soms vaak misschien volgens "
    "tijdens ondanks behalve sinds terwijl wanneer zodra tenzij zowel elke elk beide alle andere eindelijk ten "
    "ook nu pas",
    "sv": "fast trots dessutom idag igår imorgon måndag tisdag onsdag torsdag fredag lördag söndag alltså därför "
    "därefter senare tidigare aldrig alltid ibland ofta kanske enligt under medan sedan både varje andra "
    "slutligen även nu just redan ändå eftersom",
    "no": "selv trass dessuten i-dag mandag tirsdag onsdag torsdag fredag lørdag søndag derfor deretter senere "
    "tidligere aldri alltid ofte kanskje ifølge mens siden både hver andre endelig også nå allerede likevel "
    "fordi",
    "da": "selvom trods desuden mandag tirsdag onsdag torsdag fredag lørdag søndag derfor derefter senere tidligere "
    "aldrig altid ofte måske ifølge mens siden både hver andre endelig også nu allerede alligevel fordi",
    "tr": "ancak fakat ama çünkü eğer bugün dün yarın pazartesi salı çarşamba perşembe cuma cumartesi pazar ayrıca "
    "böylece sonra önce daha henüz artık belki hem her bazı birçok diğer bu şu o ve ile göre rağmen",
    "de": "obwohl trotz während heute gestern morgen montag dienstag mittwoch donnerstag freitag samstag sonntag "
    "dabei damit danach deshalb zudem außerdem jedoch allerdings inzwischen mittlerweile später früher nie "
    "immer manchmal oft vielleicht laut gemäß seit bevor nachdem sobald sowohl jeder beide alle andere "
    "schließlich ebenso dagegen",
}
_WORDS = {language: frozenset(fold(word) for word in words.split()) for language, words in _STARTS.items()}
_ADVERBS = {"en": "ly", "fr": "ement", "es": "mente", "pt": "mente", "it": "mente"}
_SHORTEST_ADVERB = 7
_NAMES_LIKE_ADVERBS = frozenset({"kimberly", "beverly", "connelly", "donnelly", "kennelly", "clement", "annemente"})
_WORDS_LIKE_NAMES = (
    "will mark bill grant rose may hope faith grace art rob pat jack frank ray dean chase drew josh nick gene "
    "glen guy dawn joy lily ruby violet heather holly ivy daisy iris amber crystal jade pearl april june august "
    "summer autumn chip buck bud rich sue terry robin jay lance miles max pierce wade cliff sandy harry christian "
    "earnest victor major duke earl king reed rod stone ward woody penny jean pierre rosa luz sol blanca leal "
    "clara bianca ernst christ dick don tony ben sam dan tom john bob mike angel jesus reina lux vera nova"
)
_NAMES_LIKE_WORDS = frozenset(_WORDS_LIKE_NAMES.split())
_SENTENCE_END = re.compile(r"(?:^|[.!?…:;»”\"“„‘(\]\[|–—-]|\n)[\s\"“„«‘’(]*\Z")
_BEFORE_CHARS = 6


def begins_sentence(text: str, at: int) -> bool:
    """Whether a sentence, a line or a quotation begins at a place of a text."""
    return _SENTENCE_END.search(text, max(0, at - _BEFORE_CHARS), at) is not None


def is_start_word(word: str, language: str) -> bool:
    """Whether a word with a capital, at the beginning of a sentence, is no part of the name behind it."""
    folded = fold(word)
    if is_stop(folded, (language,)) or folded in _WORDS.get(language, ()):
        return True
    ending = _ADVERBS.get(language, "")
    return (
        bool(ending) and len(word) >= _SHORTEST_ADVERB and folded.endswith(ending) and folded not in _NAMES_LIKE_ADVERBS
    )


def is_small_elsewhere(word: str, small: frozenset[str]) -> bool:
    """Whether a word stands in small letters in the same text, and is no first name that is a word too."""
    lower = word.lower()
    return lower in small and lower not in _NAMES_LIKE_WORDS

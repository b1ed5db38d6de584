"""Countries and the adjectives made of them: `Indonesia` and `Indonesian` are one for a search. Data only.

Stemmers leave most of these apart. Only single words, and only where the adjective means the country.
"""

from __future__ import annotations

_PAIRS = """
afghanistan afghan | albania albanian | algeria algerian | america american | angola angolan |
argentina argentine argentinian |
armenia armenian | australia australian | austria austrian | azerbaijan azerbaijani azeri | bahrain bahraini |
bangladesh bangladeshi | belarus belarusian | belgium belgian | bolivia bolivian | bosnia bosnian | brazil brazilian |
britain british | bulgaria bulgarian | burma burmese | burundi burundian | cambodia cambodian | cameroon cameroonian |
canada canadian | ceylon ceylonese | chad chadian | chechnya chechen | chile chilean | china chinese |
colombia colombian | congo congolese | crimea crimean | croatia croatian | cuba cuban | cyprus cypriot |
czechoslovakia czechoslovak | denmark danish | ecuador ecuadorian | egypt egyptian | england english |
eritrea eritrean | estonia estonian | ethiopia ethiopian | europe european | finland finnish | france french |
gabon gabonese | georgia georgian | germany german | ghana ghanaian | greece greek | greenland greenlandic |
guatemala guatemalan | haiti haitian | honduras honduran | hungary hungarian | iceland icelandic | india indian |
indonesia indonesian | iran iranian | iraq iraqi | ireland irish | israel israeli | italy italian |
jamaica jamaican | japan japanese | jordan jordanian | kashmir kashmiri | kazakhstan kazakh |
katanga katangese | kenya kenyan | korea korean |
kosovo kosovar | kuwait kuwaiti | kyrgyzstan kyrgyz | laos laotian | latvia latvian | lebanon lebanese |
liberia liberian | libya libyan | lithuania lithuanian | macedonia macedonian | malawi malawian | malaya malayan |
malaysia malaysian | mali malian | malta maltese | mauritania mauritanian | mexico mexican | moldova moldovan |
mongolia mongolian | morocco moroccan | mozambique mozambican | myanmar burmese | namibia namibian | nepal nepalese |
nicaragua nicaraguan | niger nigerien | nigeria nigerian | norway norwegian | oman omani | pakistan pakistani |
palestine palestinian | panama panamanian | paraguay paraguayan | peru peruvian | philippines philippine filipino |
poland polish | portugal portuguese | qatar qatari | rhodesia rhodesian | romania romanian | russia russian |
rwanda rwandan | scotland scottish | senegal senegalese | serbia serbian | singapore singaporean | slovakia slovak |
slovenia slovenian | somalia somali | spain spanish | sudan sudanese | sweden swedish |
switzerland swiss | syria syrian | taiwan taiwanese | tajikistan tajik | tanzania tanzanian | thailand thai |
tibet tibetan | togo togolese |
transnistria transnistrian | tunisia tunisian | turkey turkish | turkmenistan turkmen | uganda ugandan |
ukraine ukrainian | uruguay uruguayan | uzbekistan uzbek | venezuela venezuelan | vietnam vietnamese | wales welsh |
yemen yemeni | yugoslavia yugoslav | zambia zambian | zimbabwe zimbabwean
"""

SAME_COUNTRY: dict[str, tuple[str, ...]] = {}
"""A country's name or adjective, lower case -> its other forms."""

for _group in (part.split() for part in _PAIRS.split("|")):
    for _word in _group:
        _others = (other for other in _group if other != _word)
        SAME_COUNTRY[_word] = tuple(dict.fromkeys((*SAME_COUNTRY.get(_word, ()), *_others)))

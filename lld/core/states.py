"""USPS codes of all that parcels go to with domestic postage, and what people call it.

States and the district, territories, the associated states in the Pacific, and the three of the armed forces.
"""

import re
import unicodedata

# Names, then abbreviations of before there were codes (AP, GPO), as far as the code is not among them.
_CALLED = {
    "AL": "Alabama, Ala", "AK": "Alaska, Alas", "AZ": "Arizona, Ariz", "AR": "Arkansas, Ark",
    "CA": "California, Calif, Cal", "CO": "Colorado, Colo", "CT": "Connecticut, Conn", "DE": "Delaware, Del",
    "DC": "District of Columbia, Washington DC, Wash DC, Dist of Columbia", "FL": "Florida, Fla", "GA": "Georgia",
    "HI": "Hawaii, Hawai'i", "ID": "Idaho, Ida", "IL": "Illinois, Ill, Ills", "IN": "Indiana, Ind", "IA": "Iowa",
    "KS": "Kansas, Kan, Kans", "KY": "Kentucky, Ken, Kent", "LA": "Louisiana", "ME": "Maine",
    "MD": "Maryland", "MA": "Massachusetts, Mass", "MI": "Michigan, Mich", "MN": "Minnesota, Minn",
    "MS": "Mississippi, Miss", "MO": "Missouri", "MT": "Montana, Mont", "NE": "Nebraska, Neb, Nebr",
    "NV": "Nevada, Nev", "NH": "New Hampshire, N Hamp", "NJ": "New Jersey, N Jersey",
    "NM": "New Mexico, N Mex, New Mex", "NY": "New York, N York, New York State",
    "NC": "North Carolina, N Carolina, No Carolina, N Car", "ND": "North Dakota, N Dakota, N Dak, No Dak, No Dakota",
    "OH": "Ohio, O", "OK": "Oklahoma, Okla", "OR": "Oregon, Ore, Oreg", "PA": "Pennsylvania, Penn, Penna",
    "RI": "Rhode Island, Rhode Isl", "SC": "South Carolina, S Carolina, So Carolina, S Car",
    "SD": "South Dakota, S Dakota, S Dak, So Dak, So Dakota", "TN": "Tennessee, Tenn", "TX": "Texas, Tex",
    "UT": "Utah", "VT": "Vermont", "VA": "Virginia, Virg", "WA": "Washington, Wash, Washington State",
    "WV": "West Virginia, W Virginia, W Va", "WI": "Wisconsin, Wis, Wisc", "WY": "Wyoming, Wyo",
    "AS": "American Samoa, Am Samoa", "GU": "Guam",
    "MP": "Northern Mariana Islands, Commonwealth of the Northern Mariana Islands, CNMI, "
    "Northern Marianas, N Mariana Islands",
    "PR": "Puerto Rico", "VI": "Virgin Islands, US Virgin Islands, USVI, Virgin Islands of the US",
    "FM": "Federated States of Micronesia, Micronesia, FSM",
    "MH": "Marshall Islands, Republic of the Marshall Islands, RMI",
    "PW": "Palau, Republic of Palau",
    "AA": "Armed Forces Americas, Armed Forces of the Americas",
    "AE": "Armed Forces Europe, Armed Forces Africa, Armed Forces Canada, Armed Forces Middle East",
    "AP": "Armed Forces Pacific",
}  # fmt: skip

US_STATES = frozenset(_CALLED)
LONGEST_NAME = 60


def _letters(text: str) -> str:
    """N. Mex. and n mex are the same, and so are Hawaiʻi and Hawaii."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[^a-z]", "", plain)


_CODES = {_letters(name): code for code, names in _CALLED.items() for name in (code, *names.split(","))}


def state_code(text: str) -> str:
    """The code of a state by its code, its name or a usual abbreviation, in any case. ValueError for all else."""
    code = _CODES.get(_letters(text)) if len(text) <= LONGEST_NAME else None
    # Ill. Adv. 5 has the letters of no state, but OK 7 would.
    if code is None or re.search(r"[\d@/\\]", text):
        raise ValueError("is no state")
    return code

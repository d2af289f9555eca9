"""Fills the templates beside this file from Faker (MIT) and marks what each word is: 0 neither, 1 a person, 2 an address, -1 not asked."""

import random
import re
import tomllib
from pathlib import Path

from faker import Faker

HERE = Path(__file__).resolve().parent
LOCALES = """en_US en_US en_US en_GB en_GB en_IN en_AU en_CA en_IE en_NZ en_KE en_NG en_PK de_DE de_AT de_CH fr_FR fr_CH es_ES es_MX es_CO it_IT nl_NL
nl_BE pt_BR pt_PT pl_PL cs_CZ sk_SK hu_HU ro_RO hr_HR sl_SI da_DK no_NO sv_SE fi_FI et_EE lt_LT lv_LV tr_TR id_ID vi_VN fil_PH yo_NG ha_NG zu_ZA
ja_JP zh_CN zh_TW az_AZ sw""".split()
WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
SLOT = re.compile(r"\{(\w+)\}")
# NOT_ASKED: whether taken out or not, nobody is harmed, so such words teach nothing.
PERSON, ADDRESS, NEITHER, NOT_ASKED = 1, 2, 0, -1
MARKS = {"name": PERSON, "first": PERSON, "last": PERSON, "address": ADDRESS, "street": ADDRESS, "place": ADDRESS, "zip": ADDRESS}
LATIN = re.compile(r"^[\u0020-\u024f\u1e00-\u1eff\u2019\n]+$")

OWN = {
    "product": "TaskFlow|the Coffee Maker 3000|Blue Lagoon|Photo Studio Pro|Nova X2|CloudBox|the Smart Lamp|PayWise|Garden Planner|Ledger Lite|Pulse Watch|the Aurora "
    "router|Fitness Plus|Team Edition|InvoiceNinja|Harvest Mobile|the Delta printer|Sound Bar 5.1|the Orion tent|Sierra boots|Gift Card|Premium Care".split("|"),
    "company": "Acme Corp|Northwind Traders|Globex|Initech|Hooli|Umbrella Logistics|Blue Harbor Bank|Stellar Foods|Contoso|Wayfinder Travel|Green Valley School|City "
    "Hospital|Bright Dental|Riverside Council|Alpine Insurance|Lumen Energy|Falcon Freight|Kestrel Media|Deutsche Bahn|First National Bank".split("|"),
    "city": "London|Paris|Berlin|Madrid|Rome|Oslo|Vienna|Lagos|Nairobi|Mumbai|Tokyo|Sydney|Toronto|Boston|Chicago|Denver|Austin|Dublin|Lisbon|Porto|Warsaw|Prague|Zurich|"
    "Geneva|Hamburg|Munich|Milan|Florence|Lyon|Seoul|Hanoi|Manila|Jakarta|Dallas|Houston|San Diego|New York|Los Angeles|Cape Town|Buenos Aires|St. Louis".split("|"),
    "country": "Germany|France|Norway|Sweden|Chad|Jordan|Georgia|Mexico|Canada|Chile|Kenya|India|Japan|South Korea|the Netherlands|Switzerland|Austria|Ireland".split("|"),
    "month": "January February March April May June July August September October November December".split(),
    "weekday": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "job": "Head of Sales|Office Manager|Accountant|Chief Technology Officer|nurse|teacher|IT Support|Marketing Lead|Finance Director|intern|Product Owner".split("|"),
    "item": "kettle|wedding dress|phone case|desk|sofa|charger|wine box|bicycle|tablet|gift card|pair of shoes|lamp".split("|"),
    "tool": "Slack|Excel|Chrome|Outlook|Zapier|PayPal|Google Drive|Salesforce|Apple Pay|Teams|QuickBooks|Notion|Dropbox|Klarna|Stripe|Power BI".split("|"),
    "device": "my iPhone|Windows 11|a Galaxy S22|macOS|Android 14|the iPad|an old laptop|Firefox|Linux|the Kindle".split("|"),
    "plan": "Free|Pro|Enterprise|Starter|Business Plus|Family|Premium".split("|"),
}


class Fill:
    """Values for slots. `held` picks the names: those whose letters hash to the held-out part, or the others."""

    def __init__(self, seed, held):
        self.random = random.Random(seed)
        self.held = held
        self.fakers = {}
        for locale in sorted(set(LOCALES)):
            try:
                self.fakers[locale] = Faker(locale)
                self.fakers[locale].seed_instance(self.random.randrange(1 << 30))
            except AttributeError:
                continue

    def faker(self):
        while True:
            locale = self.random.choice(LOCALES)
            if locale in self.fakers:
                return self.fakers[locale]

    def try_many(self, make, wanted=lambda value: True):
        for _ in range(200):
            try:
                value = make(self.faker())
            except AttributeError:
                continue
            value = value.strip()
            if value and LATIN.match(value) and re.search(r"[^\W_]", value) and wanted(value):
                return value
        raise SystemExit("no value for a slot")

    def mine(self, name):
        return all((sum(map(ord, part.lower())) * 7919 % 10 < 3) == self.held for part in name.split())

    def first(self):
        roman = lambda faker: faker.first_romanized_name() if hasattr(faker, "first_romanized_name") else faker.first_name()
        return self.try_many(roman, self.mine)

    def last(self):
        roman = lambda faker: faker.last_romanized_name() if hasattr(faker, "last_romanized_name") else faker.last_name()
        return self.try_many(roman, self.mine)

    def name(self):
        pick = self.random.random()
        first, last = self.first(), self.last()
        if pick < 0.70:
            return f"{first} {last}"
        if pick < 0.78:
            return f"{first} {self.random.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
        if pick < 0.84:
            return f"{first} {self.first()} {last}"
        if pick < 0.88:
            return f"{first} {last}-{self.last().replace(' ', '')}"
        if pick < 0.92:
            return f"{first} {self.random.choice(['van der', 'de', 'von', 'al', 'bin', 'da', 'O’'])} {last}".replace("’ ", "’")
        if pick < 0.95:
            return f"{self.random.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
        return f"{last} {first}"

    def number(self):
        return str(self.random.choice([self.random.randint(1, 40), self.random.randint(1, 300), self.random.randint(300, 9999)]))

    def house(self):
        return self.number() + self.random.choice([""] * 8 + ["a", "B", "/2", "-4"])

    def street(self):
        pick = self.random.random()
        road = lambda: self.try_many(lambda faker: faker.street_name())
        if pick < 0.55:
            value = self.try_many(lambda faker: faker.street_address())
        elif pick < 0.68:
            value = f"{road()} {self.house()}"
        elif pick < 0.78:
            value = f"{self.house()} {road()}"
        elif pick < 0.84:
            value = f"{self.house()} {self.last()} {self.random.choice(['Street', 'St', 'Rd', 'Road', 'Ave', 'Lane', 'Mews', 'Close', 'Way', 'Court', 'Blvd', 'Dr', 'Place', 'Terrace'])}"
        elif pick < 0.89:
            kind = self.random.choice(["Via", "Rue", "Calle", "Rua", "Avenida", "ul.", "Ulica", "Jalan", "Rue de", "Plaza", "Chemin des", "Av.", "Str.", "Strada"])
            value = f"{kind} {self.last()} {self.house()}"
        elif pick < 0.93:
            value = f"{self.random.choice(['Flat', 'Apt', 'Unit', 'Suite', 'Apartment', 'Block'])} {self.house()}, {self.house()} {road()}"
        elif pick < 0.96:
            value = f"{self.random.choice(['P.O. Box', 'PO Box', 'Postfach', 'Box'])} {self.number()}"
        else:
            value = road()
        return value if "\n" not in value else value.replace("\n", ", ")

    def zip(self):
        return self.try_many(lambda faker: faker.postcode(), lambda value: len(value) > 3)

    def place(self):
        pick = self.random.random()
        code = self.zip()
        city = self.random.choice(OWN["city"]) if self.random.random() < 0.4 else self.try_many(lambda faker: faker.city())
        if pick < 0.4:
            value = f"{code} {city}"
        elif pick < 0.6:
            value = f"{city} {code}"
        elif pick < 0.8:
            american = self.fakers["en_US"]
            value = f"{city}, {american.state_abbr()} {american.postcode()}"
        else:
            value = f"{city}, {code}"
        if self.random.random() < 0.25:
            value += self.random.choice([", ", "\n", " "]) + self.random.choice(OWN["country"] + ["UK", "USA", "Australia"]).removeprefix("the ")
        return value

    def address(self):
        value = self.try_many(lambda faker: faker.address()) if self.random.random() < 0.5 else f"{self.street()}\n{self.place()}"
        pick = self.random.random()
        return value if pick < 0.4 else value.replace("\n", ", ") if pick < 0.85 else value.replace("\n", " ")

    def value(self, slot):
        """The text and its mark."""
        own = OWN.get(slot)
        if slot == "company" and self.random.random() < 0.3:
            return self.try_many(lambda faker: faker.company()), NOT_ASKED
        if slot == "city" and self.random.random() < 0.3:
            return self.try_many(lambda faker: faker.city()), NOT_ASKED
        if own:
            return self.random.choice(own), NEITHER
        if slot in MARKS:
            return getattr(self, slot)(), MARKS[slot]
        faker, pick = self.fakers["en_US"], self.random
        made = {
            "phone": lambda: self.try_many(lambda faker: faker.phone_number()),
            "email": faker.email,
            "amount": lambda: pick.choice(["${}", "{} euros", "€{}", "£{}.99", "{},00 EUR", "{} bucks"]).format(pick.randint(3, 900)),
            "date": lambda: faker.date(pick.choice(["%d %B %Y", "%d.%m.%Y", "%Y-%m-%d", "%B %d", "%d/%m/%Y", "%d %b", "%B %d, %Y"])),
            "time": lambda: pick.choice([f"{pick.randint(1, 12)} pm", f"{pick.randint(8, 22)}:{pick.randint(10, 59)}", f"{pick.randint(1, 12)} o'clock"]),
            "order": lambda: pick.choice(["#{}", "{}", "A-{}", "TF-{}", "no. {}", "INV-2025-{}"]).format(pick.randint(1000, 9999999)),
            "number": self.number,
            "version": lambda: f"{pick.randint(1, 12)}.{pick.randint(0, 30)}",
        }
        return made[slot](), NOT_ASKED if slot in ("phone", "email") else NEITHER


def fill(template, values):
    """A text and the marks of its characters."""
    text, marks, at = "", [], 0
    for slot in SLOT.finditer(template):
        plain = template[at : slot.start()]
        value, mark = values.value(slot.group(1))
        text += plain + value
        marks += [NEITHER] * len(plain) + [mark] * len(value)
        at = slot.end()
    text += template[at:]
    marks += [NEITHER] * (len(template) - at)
    pick = values.random.random()
    lowered = text.lower()
    if pick < 0.2 and len(lowered) == len(text):
        text = lowered
    elif pick < 0.3:
        text = "".join(c.lower() if mark > 0 and len(c.lower()) == 1 else c for c, mark in zip(text, marks))
    elif pick < 0.33:
        text = "".join(c.upper() if len(c.upper()) == 1 else c for c in text)
    elif pick < 0.36:
        text = "".join(c.upper() if mark == PERSON and len(c.upper()) == 1 else c for c, mark in zip(text, marks))
    return text, marks


def templates():
    """Templates with whether they are held out: every fourth."""
    lines = [line for line in (HERE / "templates.txt").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    lines = [line.removeprefix("-") if not line.startswith(("- ", "--")) else line for line in lines]
    order = list(range(len(lines)))
    random.Random(5).shuffle(order)
    held = set(order[: len(order) // 4])
    return [(index, line.replace("\\n", "\n").replace("\\t", "\t"), index in held) for index, line in enumerate(lines)]


def messages():
    """Messages of the shipped exemplars, ours too, in English; what holds a name or an address is left out by the caller."""
    found = []
    for path in sorted(HERE.parent.glob("exemplars*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["exemplars"]:
            if entry.get("language", "en") == "en":
                found += entry["texts"]
    return found


def word_mark(marks, start, end):
    inside = marks[start:end]
    return max(set(inside), key=inside.count)


def texts(seed, fills):
    """(template, held out, text, marks), `fills` of each template; templates without a slot once."""
    made = []
    values = {held: Fill(seed + held, held) for held in (False, True)}
    for index, template, held in templates():
        for _ in range(fills if SLOT.search(template) else 2):
            made.append((index, held, *fill(template, values[held])))
    return made

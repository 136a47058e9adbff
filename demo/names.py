"""Words from which the demo data invents its people, restaurants and addresses.

Everything here is plain data. Names are kept in groups that go together, so that a taquería is not called
"Golden Crane" and a Kowalski is not called Thu Ha; a generator picks a group first and combines inside it.
"""

from typing import NamedTuple


class People(NamedTuple):
    """First and last names of one community; any first name goes with any last name of its group."""

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


class Cuisine(NamedTuple):
    """Restaurant names of one cuisine: each pattern holds one ``{}``, the place of a stem."""

    patterns: tuple[str, ...]
    stems: tuple[str, ...]


class Street(NamedTuple):
    """A street with the lowest and highest house number to invent on it, both inclusive."""

    name: str
    lowest: int
    highest: int


class Place(NamedTuple):
    """A delivery area: city, two-letter state and five-digit ZIP code."""

    city: str
    state: str
    zip_code: str


# Word lists read best packed; the formatter would put one word a line.
# fmt: off
PEOPLE: tuple[People, ...] = (
    People(
        first_names=(
            "José", "María", "Guadalupe", "Alejandro", "Rosa", "Miguel", "Verónica", "Luis", "Yolanda",
            "Javier", "Leticia", "Ramón", "Marisol", "Arturo", "Esperanza", "Héctor", "Xóchitl", "Raúl",
            "Alma", "Efraín", "Carmen", "Ignacio", "Beatriz", "Rigoberto",
        ),
        last_names=(
            "García", "Hernández", "Martínez", "Ramírez", "Flores", "Gutiérrez", "Morales", "Reyes", "Ortega",
            "Castañeda", "Villaseñor", "Zamora", "Cárdenas", "Salgado", "Ocampo", "Figueroa", "Bautista",
            "Montoya", "Quintero", "Avilés", "Benítez", "Cisneros", "Delgado", "Espinoza", "Nájera",
            "Peralta", "Rentería", "Tapia", "Colón", "Maldonado", "Pacheco", "Guamán",
        ),
    ),
    People(
        first_names=(
            "Wei", "Mei", "Jian", "Li Na", "Kevin", "Xiaoming", "Fang", "Vivian", "Guo", "Amy", "Hao", "Yan",
        ),
        last_names=(
            "Chen", "Wong", "Liu", "Zhang", "Huang", "Lam", "Chiu", "Moy", "Zhou", "Tang", "Lau", "Guan",
            "Mui", "Xie", "Yee", "Fong",
        ),
    ),
    People(
        first_names=(
            "Agnieszka", "Piotr", "Katarzyna", "Marek", "Małgorzata", "Zbigniew", "Ewa", "Tomasz", "Danuta",
            "Krzysztof", "Halina", "Andrzej",
        ),
        last_names=(
            "Kowalczyk", "Nowak", "Wójcik", "Zieliński", "Mazur", "Krawczyk", "Pawlak", "Dudek", "Sikora",
            "Baran", "Gołąb", "Stachura", "Bielak", "Wrona", "Zając", "Kubiak",
        ),
    ),
    People(
        first_names=(
            "Dimitrios", "Eleni", "Kostas", "Georgia", "Spiros", "Vasiliki", "Nikos", "Athena", "Panagiotis",
            "Irene",
        ),
        last_names=(
            "Papadakis", "Karras", "Stavropoulos", "Kostopoulos", "Vlahos", "Mavros", "Tsoukalas", "Anagnos",
            "Drakos", "Giannopoulos", "Liakos", "Petrakis", "Sarantos", "Zervas",
        ),
    ),
    People(
        first_names=(
            "Priya", "Rajesh", "Anjali", "Sanjay", "Farhan", "Ayesha", "Harpreet", "Suresh", "Lakshmi",
            "Imran",
        ),
        last_names=(
            "Patel", "Sharma", "Reddy", "Khan", "Singh", "Iyer", "Siddiqui", "Desai", "Gill", "Chaudhry",
            "Nair", "Mehta", "Qureshi", "Banerjee",
        ),
    ),
    People(
        first_names=(
            "Gianni", "Rosalia", "Salvatore", "Francesca", "Vito", "Antonella", "Carmine", "Lucia", "Dominic",
            "Angela",
        ),
        last_names=(
            "Esposito", "Caruso", "Lombardi", "DeLuca", "Marchetti", "Bellini", "Scalise", "Fontana",
            "Tedesco", "Pellegrino", "Cosentino", "Ruggiero",
        ),
    ),
    People(
        first_names=(
            "Darnell", "Latoya", "Marcus", "Ebony", "Terrence", "Keisha", "Andre", "Tamika", "Reginald",
            "Monique", "Curtis", "Yvette",
        ),
        last_names=(
            "Washington", "Jefferson", "Booker", "Gaines", "Mosley", "Hampton", "Bolden", "Pettway",
            "Tolliver", "Whitfield", "Broadnax", "Mayfield", "Sykes", "Ivory",
        ),
    ),
    People(
        first_names=("Minh", "Thu Ha", "Tuan", "Lan", "Bao", "Kim Ly", "Huy", "Ngoc"),
        last_names=("Nguyen", "Tran", "Pham", "Huynh", "Vo", "Dang", "Bui", "Doan", "Truong", "Ly"),
    ),
    People(
        first_names=("Ji-woo", "Min-jun", "Grace", "Sung-ho", "Eun-ji", "Daniel", "Hye-jin", "Young-soo"),
        last_names=("Kim", "Park", "Choi", "Jung", "Kang", "Yoon", "Shin", "Hwang", "Seo", "Bae"),
    ),
    People(
        first_names=(
            "Omar", "Layla", "Khalil", "Rania", "Yusuf", "Nadia", "Samir", "Hanan", "Bassam", "Mariam",
        ),
        last_names=(
            "Haddad", "Mansour", "Khoury", "Suleiman", "Awad", "Darwish", "Hamdan", "Nassar", "Odeh", "Zayed",
            "Shaheen", "Salameh",
        ),
    ),
    People(
        first_names=(
            "Patrick", "Jennifer", "Michael", "Colleen", "Scott", "Megan", "Brian", "Sarah", "Tim", "Laura",
            "Derek", "Heather",
        ),
        last_names=(
            "O'Malley", "Gallagher", "Schroeder", "Lindqvist", "Fitzgerald", "Becker", "Novak", "Petersen",
            "McGrath", "Hoffmann", "Brennan", "Sullivan", "Kruger", "Lindgren",
        ),
    ),
)

CUISINES: tuple[Cuisine, ...] = (
    Cuisine(
        patterns=(
            "Taquería {}", "{} Cocina", "Birriería {}", "Mariscos {}", "Antojitos {}", "Restaurante {}",
            "Panadería {}", "Carnitas {}",
        ),
        stems=(
            "La Golondrina", "El Nopalito", "Tres Magueyes", "La Comadre Chayo", "El Comal de Lupe",
            "Dos Arroyos", "La Jacaranda", "El Gallo Tuerto", "Rincón Purépecha", "La Milpa Azul",
            "El Huarache Loco", "Casa Tepeyolotl", "Doña Chela", "El Molcajete Roto", "Las Tres Cuñadas",
            "El Venadito Negro",
        ),
    ),
    Cuisine(
        patterns=("{} Kitchen", "{} Noodle House", "{} Chop Suey", "{} Dim Sum", "{} BBQ & Hot Pot"),
        stems=(
            "Golden Crane", "Jade Lantern", "Nine Willows", "Silver Carp", "Cloud Mountain", "Red Persimmon",
            "Lotus Bridge", "Plum Rain", "Ten Thousand Bowls", "Moon Ferry",
        ),
    ),
    Cuisine(
        patterns=("{} Restaurant", "{} Deli & Pierogi", "{} Bakery", "{} Tavern"),
        stems=(
            "Babcia Hela's", "Złoty Bocian", "Pod Kasztanem", "Stara Wieś", "Highlander Hut", "Lipa & Lilac",
            "Archer Sokol", "Pani Jadzia's",
        ),
    ),
    Cuisine(
        patterns=("{} Grill", "{} Family Restaurant", "{} Gyros", "{} Pancake House", "{} Diner"),
        stems=(
            "Olive Harbor", "Blue Aegean", "Yiayia Toula's", "Three Brothers Karras", "Little Ithaki",
            "Windmill Point", "Naxos Corner", "White Pebble",
        ),
    ),
    Cuisine(
        patterns=("{} Tandoor", "{} Dhaba", "{} Biryani House", "{} Sweets & Snacks"),
        stems=(
            "Saffron Gate", "Devon Masala", "Peacock Court", "Chai Junction", "Banyan Leaf", "Old Lahore",
            "Tamarind Lane", "Clay Court",
        ),
    ),
    Cuisine(
        patterns=("Trattoria {}", "{} Pizzeria", "Osteria {}", "{} Beef & Sausage", "{} Ristorante"),
        stems=(
            "Nonna Pina", "Due Leoni", "Campo Largo", "Sette Vicoli", "Taylor & Vine", "Il Carrettino",
            "Zia Rosaria", "Ponte Basso", "Oro di Bari", "Bella Fontanella",
        ),
    ),
    Cuisine(
        patterns=("{} Soul Food", "{} Bar-B-Q", "{} Fish & Chicken", "{} Rib Shack", "{} Catering"),
        stems=(
            "Miss Odessa's", "Big Cleo's", "Bronzeville Table", "Sunday Best", "Uncle Reggie's",
            "Hattie Mae's", "Lakeside Hickory", "Two Sisters",
        ),
    ),
    Cuisine(
        patterns=("Phở {}", "{} Bánh Mì", "{} Vietnamese Kitchen"),
        stems=("Argyle Corner", "Hương Quê", "Sông Xanh", "Bamboo Gate", "Lemongrass Alley", "Star Anise"),
    ),
    Cuisine(
        patterns=("{} Korean BBQ", "{} Tofu House", "{} Kimbap"),
        stems=("Hanok Table", "Dalbit", "Pine & Ember", "Seoul Alley", "Onggi House", "Three Ducks"),
    ),
    Cuisine(
        patterns=("{} Shawarma", "{} Grill & Bakery", "{} Mezze", "{} Falafel House"),
        stems=(
            "Cedar Gate", "Old Nablus", "Pomegranate Court", "Bridgeview Oven", "Zaytoun Corner",
            "Jasmine Well", "Copper Tray",
        ),
    ),
    Cuisine(
        patterns=(
            "{} Tavern", "{} Café", "{} Tap Room", "{} Bakehouse", "{} Catering Co.", "{} Kitchen & Bar",
        ),
        stems=(
            "Brick & Barrow", "Second Platform", "Lamplighter's", "Rust Belt", "Foxglove", "Sawbuck",
            "Paper Crane", "The Wren & Kettle", "Old Sturgeon", "Copper Alder", "Southport Larder",
            "Bungalow Belt", "Six Corners", "Lake Effect", "Drawbridge", "Early Bird Logan",
        ),
    ),
)

CHICAGO_STREETS: tuple[Street, ...] = (
    Street("N Ashland Ave", 1, 6750), Street("S Ashland Ave", 1, 9450), Street("N Western Ave", 1, 7550),
    Street("S Western Ave", 1, 11850), Street("N Clark St", 100, 7550), Street("S Clark St", 1, 1500),
    Street("N Halsted St", 1, 3750), Street("S Halsted St", 1, 12900), Street("N Milwaukee Ave", 400, 6250),
    Street("N Lincoln Ave", 1650, 6350), Street("N Damen Ave", 1, 6950), Street("S Damen Ave", 1, 9450),
    Street("N Cicero Ave", 1, 6750), Street("S Cicero Ave", 3900, 8650), Street("N Pulaski Rd", 1, 6350),
    Street("S Pulaski Rd", 1, 11450), Street("N Kedzie Ave", 1, 6350), Street("S Kedzie Ave", 1, 11450),
    Street("N California Ave", 1, 7550), Street("S California Ave", 1, 7050),
    Street("N Broadway", 2800, 6350), Street("N Sheridan Rd", 2900, 6950), Street("N Elston Ave", 800, 6100),
    Street("N Clybourn Ave", 1200, 2850), Street("N Southport Ave", 2000, 3950),
    Street("N Ravenswood Ave", 3700, 6150), Street("N Kimball Ave", 2400, 6050),
    Street("N Central Ave", 1, 6350), Street("N Austin Ave", 1, 6350), Street("N Harlem Ave", 1600, 7150),
    Street("N Narragansett Ave", 1600, 5950), Street("N Laramie Ave", 1, 5750), Street("N Wells St", 1, 1800),
    Street("N LaSalle Dr", 700, 1700), Street("N Dearborn St", 1, 1550), Street("N State St", 1, 1550),
    Street("S State St", 1, 3450), Street("N Michigan Ave", 1, 950), Street("S Michigan Ave", 1, 3450),
    Street("S Wabash Ave", 1, 2450), Street("N Rush St", 600, 1150), Street("N Orleans St", 200, 1700),
    Street("S Canal St", 100, 2500), Street("S Racine Ave", 1, 1950), Street("S Blue Island Ave", 1200, 2550),
    Street("S Archer Ave", 1900, 6250), Street("S Wentworth Ave", 1900, 6900),
    Street("S Princeton Ave", 2000, 3900), Street("S Loomis St", 500, 3100), Street("S Morgan St", 600, 3700),
    Street("S Ogden Ave", 1200, 2400), Street("S Cottage Grove Ave", 3500, 10300),
    Street("S King Dr", 2400, 9450), Street("S Indiana Ave", 1300, 7900),
    Street("S Stony Island Ave", 5600, 10300), Street("S Jeffery Blvd", 6700, 9500),
    Street("S Commercial Ave", 8300, 9450), Street("S Ewing Ave", 9500, 11700),
    Street("S Exchange Ave", 7100, 9450), Street("S Vincennes Ave", 6900, 10300),
    Street("E 43rd St", 1, 1100), Street("E 47th St", 1, 1350), Street("E 53rd St", 900, 1700),
    Street("E 55th St", 900, 1700), Street("E 57th St", 1100, 1600), Street("E 71st St", 1, 2450),
    Street("E 75th St", 1, 1950), Street("E 79th St", 1, 2950), Street("E 87th St", 1, 1950),
    Street("E 95th St", 1, 2000), Street("W Devon Ave", 1200, 7350), Street("W Lawrence Ave", 800, 8650),
    Street("W Irving Park Rd", 650, 8350), Street("W Belmont Ave", 300, 8350),
    Street("W Fullerton Ave", 300, 7150), Street("W North Ave", 100, 7150),
    Street("W Division St", 100, 5950), Street("W Chicago Ave", 100, 5950), Street("W Grand Ave", 100, 7150),
    Street("W Armitage Ave", 300, 5550), Street("W Diversey Ave", 600, 7150),
    Street("W Addison St", 600, 8350), Street("W Montrose Ave", 650, 8550), Street("W Foster Ave", 900, 8550),
    Street("W Bryn Mawr Ave", 900, 8550), Street("W Peterson Ave", 1500, 6350),
    Street("W Touhy Ave", 1300, 7650), Street("W Howard St", 1300, 3150), Street("W Argyle St", 900, 1900),
    Street("W Wilson Ave", 800, 4950), Street("W Augusta Blvd", 1400, 5950), Street("W Randolph St", 1, 1650),
    Street("W Fulton Market", 600, 1300), Street("W Lake St", 1, 5950), Street("W Madison St", 1, 5950),
    Street("W Adams St", 1, 5550), Street("W Jackson Blvd", 1, 5550), Street("W Van Buren St", 1, 5550),
    Street("W Harrison St", 1, 5550), Street("W Taylor St", 500, 2250), Street("W Roosevelt Rd", 1, 5950),
    Street("W Cermak Rd", 1, 4550), Street("W 18th St", 500, 2750), Street("W 25th St", 200, 3900),
    Street("W 26th St", 200, 4550), Street("W 31st St", 100, 4550), Street("W 35th St", 1, 3950),
    Street("W 43rd St", 200, 4550), Street("W 47th St", 1, 4750), Street("W 51st St", 100, 5550),
    Street("W 55th St", 100, 5550), Street("W 59th St", 100, 6350), Street("W 63rd St", 1, 6950),
    Street("W 69th St", 1, 3350), Street("W 71st St", 1, 4350), Street("W 79th St", 1, 4750),
    Street("W 87th St", 1, 3950), Street("W 95th St", 1, 3950), Street("W 103rd St", 1, 3950),
    Street("W 111th St", 1, 3950),
)

SUBURB_STREETS: tuple[Street, ...] = (
    Street("Main St", 100, 2400), Street("Lake St", 100, 1800), Street("Oak St", 100, 900),
    Street("Park Ave", 100, 1200), Street("Washington St", 100, 1400), Street("Maple Ave", 100, 1900),
    Street("Central Ave", 100, 2600), Street("Elm St", 100, 900), Street("Center St", 100, 800),
    Street("Church St", 100, 1700), Street("Railroad Ave", 100, 900), Street("Prairie Ave", 100, 1500),
    Street("Grove St", 100, 1100), Street("1st Ave", 100, 2200),
)

CHICAGO_PLACES: tuple[Place, ...] = (
    Place("Chicago", "IL", "60601"), Place("Chicago", "IL", "60605"), Place("Chicago", "IL", "60606"),
    Place("Chicago", "IL", "60607"), Place("Chicago", "IL", "60608"), Place("Chicago", "IL", "60609"),
    Place("Chicago", "IL", "60610"), Place("Chicago", "IL", "60611"), Place("Chicago", "IL", "60612"),
    Place("Chicago", "IL", "60613"), Place("Chicago", "IL", "60614"), Place("Chicago", "IL", "60615"),
    Place("Chicago", "IL", "60616"), Place("Chicago", "IL", "60617"), Place("Chicago", "IL", "60618"),
    Place("Chicago", "IL", "60619"), Place("Chicago", "IL", "60620"), Place("Chicago", "IL", "60621"),
    Place("Chicago", "IL", "60622"), Place("Chicago", "IL", "60623"), Place("Chicago", "IL", "60625"),
    Place("Chicago", "IL", "60626"), Place("Chicago", "IL", "60628"), Place("Chicago", "IL", "60629"),
    Place("Chicago", "IL", "60630"), Place("Chicago", "IL", "60632"), Place("Chicago", "IL", "60634"),
    Place("Chicago", "IL", "60638"), Place("Chicago", "IL", "60639"), Place("Chicago", "IL", "60640"),
    Place("Chicago", "IL", "60641"), Place("Chicago", "IL", "60642"), Place("Chicago", "IL", "60643"),
    Place("Chicago", "IL", "60645"), Place("Chicago", "IL", "60647"), Place("Chicago", "IL", "60649"),
    Place("Chicago", "IL", "60651"), Place("Chicago", "IL", "60653"), Place("Chicago", "IL", "60654"),
    Place("Chicago", "IL", "60657"), Place("Chicago", "IL", "60659"), Place("Chicago", "IL", "60660"),
    Place("Chicago", "IL", "60661"),
)

SUBURB_PLACES: tuple[Place, ...] = (
    Place("Cicero", "IL", "60804"), Place("Berwyn", "IL", "60402"), Place("Oak Park", "IL", "60302"),
    Place("Oak Park", "IL", "60304"), Place("Forest Park", "IL", "60130"),
    Place("Elmwood Park", "IL", "60707"), Place("Melrose Park", "IL", "60160"),
    Place("Franklin Park", "IL", "60131"), Place("Evanston", "IL", "60201"), Place("Evanston", "IL", "60202"),
    Place("Skokie", "IL", "60076"), Place("Skokie", "IL", "60077"), Place("Lincolnwood", "IL", "60712"),
    Place("Niles", "IL", "60714"), Place("Park Ridge", "IL", "60068"), Place("Des Plaines", "IL", "60016"),
    Place("Morton Grove", "IL", "60053"), Place("Glenview", "IL", "60025"), Place("Wilmette", "IL", "60091"),
    Place("Bridgeview", "IL", "60455"), Place("Burbank", "IL", "60459"), Place("Oak Lawn", "IL", "60453"),
    Place("Evergreen Park", "IL", "60805"), Place("Blue Island", "IL", "60406"),
    Place("Calumet City", "IL", "60409"), Place("Summit Argo", "IL", "60501"),
    Place("Brookfield", "IL", "60513"), Place("La Grange", "IL", "60525"), Place("Elmhurst", "IL", "60126"),
    Place("Addison", "IL", "60101"), Place("Schaumburg", "IL", "60173"), Place("Waukegan", "IL", "60085"),
    Place("Aurora", "IL", "60505"), Place("Hammond", "IN", "46320"),
)

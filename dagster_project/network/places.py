"""Real cities with their airports, coordinates and time zones. The partners put into them are fictional."""

from __future__ import annotations

import math
from typing import NamedTuple


class Place(NamedTuple):
    """A city and the airport that serves it."""

    city: str
    airport: str
    country: str
    zone: str
    latitude: float
    longitude: float


_ROWS = """
Lyon LYS FR Europe/Paris 45.76 4.84|Munich MUC DE Europe/Berlin 48.14 11.58|Amsterdam AMS NL Europe/Amsterdam 52.37 4.90
Vienna VIE AT Europe/Vienna 48.21 16.37|Madrid MAD ES Europe/Madrid 40.42 -3.70|Barcelona BCN ES Europe/Madrid 41.39 2.17
Boston BOS US America/New_York 42.36 -71.06|Chicago ORD US America/Chicago 41.88 -87.63|Minneapolis MSP US America/Chicago 44.98 -93.27
Houston IAH US America/Chicago 29.76 -95.37|San_Francisco SFO US America/Los_Angeles 37.77 -122.42|Atlanta ATL US America/New_York 33.75 -84.39
Leiden AMS NL Europe/Amsterdam 52.16 4.49|Durham RDU US America/New_York 35.99 -78.90|Philadelphia PHL US America/New_York 39.95 -75.17
Basel BSL CH Europe/Zurich 47.56 7.59|Baltimore BWI US America/New_York 39.29 -76.61|Paris CDG FR Europe/Paris 48.86 2.35
Frankfurt FRA DE Europe/Berlin 50.11 8.68|Memphis MEM US America/Chicago 35.15 -90.05|Berlin BER DE Europe/Berlin 52.52 13.41
Hamburg HAM DE Europe/Berlin 53.55 9.99|Cologne CGN DE Europe/Berlin 50.94 6.96|Leipzig LEJ DE Europe/Berlin 51.34 12.37
Stuttgart STR DE Europe/Berlin 48.78 9.18|Marseille MRS FR Europe/Paris 43.30 5.37|Lille LIL FR Europe/Paris 50.63 3.06
Nantes NTE FR Europe/Paris 47.22 -1.55|Toulouse TLS FR Europe/Paris 43.60 1.44|Bordeaux BOD FR Europe/Paris 44.84 -0.58
Milan MXP IT Europe/Rome 45.46 9.19|Rome FCO IT Europe/Rome 41.90 12.50|Bologna BLQ IT Europe/Rome 44.49 11.34|Turin TRN IT Europe/Rome 45.07 7.69
Naples NAP IT Europe/Rome 40.85 14.27|Valencia VLC ES Europe/Madrid 39.47 -0.38|Seville SVQ ES Europe/Madrid 37.39 -5.99
Bilbao BIO ES Europe/Madrid 43.26 -2.93|Lisbon LIS PT Europe/Lisbon 38.72 -9.14|Porto OPO PT Europe/Lisbon 41.15 -8.61
Brussels BRU BE Europe/Brussels 50.85 4.35|Copenhagen CPH DK Europe/Copenhagen 55.68 12.57|Stockholm ARN SE Europe/Stockholm 59.33 18.07
Gothenburg GOT SE Europe/Stockholm 57.71 11.97|Oslo OSL NO Europe/Oslo 59.91 10.75|Helsinki HEL FI Europe/Helsinki 60.17 24.94
Warsaw WAW PL Europe/Warsaw 52.23 21.01|Prague PRG CZ Europe/Prague 50.08 14.44|Budapest BUD HU Europe/Budapest 47.50 19.04
Athens ATH GR Europe/Athens 37.98 23.73|Dublin DUB IE Europe/Dublin 53.35 -6.26|Zurich ZRH CH Europe/Zurich 47.37 8.54
New_York JFK US America/New_York 40.71 -74.01|Newark EWR US America/New_York 40.74 -74.17|Washington IAD US America/New_York 38.91 -77.04
Pittsburgh PIT US America/New_York 40.44 -80.00|Cleveland CLE US America/New_York 41.50 -81.69|Columbus CMH US America/New_York 39.96 -83.00
Detroit DTW US America/Detroit 42.33 -83.05|Miami MIA US America/New_York 25.76 -80.19|Tampa TPA US America/New_York 27.95 -82.46
Orlando MCO US America/New_York 28.54 -81.38|Charlotte CLT US America/New_York 35.23 -80.84|Nashville BNA US America/Chicago 36.16 -86.78
Louisville SDF US America/New_York 38.25 -85.76|Cincinnati CVG US America/New_York 39.10 -84.51|Indianapolis IND US America/New_York 39.77 -86.16
St_Louis STL US America/Chicago 38.63 -90.20|Kansas_City MCI US America/Chicago 39.10 -94.58|Milwaukee MKE US America/Chicago 43.04 -87.91
Dallas DFW US America/Chicago 32.78 -96.80|San_Antonio SAT US America/Chicago 29.42 -98.49|Austin AUS US America/Chicago 30.27 -97.74
New_Orleans MSY US America/Chicago 29.95 -90.07|Denver DEN US America/Denver 39.74 -104.99|Salt_Lake_City SLC US America/Denver 40.76 -111.89
Phoenix PHX US America/Phoenix 33.45 -112.07|Tucson TUS US America/Phoenix 32.22 -110.97|Los_Angeles LAX US America/Los_Angeles 34.05 -118.24
San_Diego SAN US America/Los_Angeles 32.72 -117.16|Sacramento SMF US America/Los_Angeles 38.58 -121.49|Portland PDX US America/Los_Angeles 45.52 -122.68
Seattle SEA US America/Los_Angeles 47.61 -122.33|Rochester ROC US America/New_York 43.16 -77.61|Buffalo BUF US America/New_York 42.89 -78.88
"""


def _place(row: str) -> Place:
    city, airport, country, zone, latitude, longitude = row.split()
    return Place(city.replace("_", " "), airport, country, zone, float(latitude), float(longitude))


PLACES = {place.city: place for line in _ROWS.strip().splitlines() for place in map(_place, line.split("|"))}
COUNTRY_NAMES = {
    "FR": "France", "DE": "Germany", "NL": "Netherlands", "AT": "Austria", "ES": "Spain", "US": "United States", "CH": "Switzerland",
    "IT": "Italy", "PT": "Portugal", "BE": "Belgium", "DK": "Denmark", "SE": "Sweden", "NO": "Norway", "FI": "Finland", "PL": "Poland",
    "CZ": "Czechia", "HU": "Hungary", "GR": "Greece", "IE": "Ireland",
}  # fmt: skip


def distance_km(one: Place, other: Place) -> float:
    """Great-circle distance (haversine)."""
    lat1, lat2 = math.radians(one.latitude), math.radians(other.latitude)
    half_lat, half_lon = (lat2 - lat1) / 2, math.radians(other.longitude - one.longitude) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * 6371 * math.asin(math.sqrt(chord))

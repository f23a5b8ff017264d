"""What venues write, as OSM syntax; and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import validate

from tourism.domain.hours_words import DAYS, normalise
from tourism.errors import HoursError

READ = """
24 jam | 24/7
24jam | 24/7
24 Jam | 24/7
buka 24 jam | 24/7
BUKA 24 JAM | 24/7
Buka 24 jam nonstop | 24/7
24 jam setiap hari | 24/7
setiap hari 24 jam | 24/7
Senin-Minggu 24 jam | 24/7
24 hours | 24/7
24/7 | 24/7
non-stop | 24/7
00:00-23:59 | 24/7
00.00-23.59 | 24/7
00.00 - 24.00 | 24/7
00.00-00.00 | 24/7
00:00 – 23:59 WIB | 24/7
07.00-23.00 | Mo-Su 07:00-23:00
07.00–23.00 | Mo-Su 07:00-23:00
07.00—23.00 | Mo-Su 07:00-23:00
07.00 ~ 23.00 | Mo-Su 07:00-23:00
07.00 - 23.00 WIB | Mo-Su 07:00-23:00
07.00 WIB - 23.00 WIB | Mo-Su 07:00-23:00
7.00-23.00 | Mo-Su 07:00-23:00
7-23 | Mo-Su 07:00-23:00
jam 7-23 | Mo-Su 07:00-23:00
jam 7 - jam 23 | Mo-Su 07:00-23:00
pukul 07.00 - 23.00 | Mo-Su 07:00-23:00
pkl 07.00-23.00 | Mo-Su 07:00-23:00
pkl. 07.00-23.00 | Mo-Su 07:00-23:00
buka 07.00-23.00 | Mo-Su 07:00-23:00
buka jam 07.00-23.00 | Mo-Su 07:00-23:00
jam buka 07.00-23.00 | Mo-Su 07:00-23:00
Jam buka: 07.00-23.00 | Mo-Su 07:00-23:00
jam operasional 07.00-23.00 | Mo-Su 07:00-23:00
07.00 s/d 23.00 | Mo-Su 07:00-23:00
07.00 s.d. 23.00 | Mo-Su 07:00-23:00
07.00 sd 23.00 | Mo-Su 07:00-23:00
07.00 sampai 23.00 | Mo-Su 07:00-23:00
07.00 sampai dengan 23.00 | Mo-Su 07:00-23:00
07.00 hingga 23.00 | Mo-Su 07:00-23:00
16.00 - 02.00 | Mo-Su 16:00-02:00
16.00-08.00 | Mo-Su 16:00-08:00
09.00-24.00 | Mo-Su 09:00-24:00
09.00-00.00 | Mo-Su 09:00-24:00
24.00-06.00 | Mo-Su 00:00-06:00
08.00-12.00, 13.00-17.00 | Mo-Su 08:00-12:00,13:00-17:00
08.00-12.00 dan 13.00-17.00 | Mo-Su 08:00-12:00,13:00-17:00
08.00-12.00 & 13.00-17.00 | Mo-Su 08:00-12:00,13:00-17:00
08.00-12.00 / 13.00-17.00 | Mo-Su 08:00-12:00,13:00-17:00
jam 5 sore sampai jam 2 pagi | Mo-Su 17:00-02:00
jam 5 sore - 2 pagi | Mo-Su 17:00-02:00
5 sore s/d 2 pagi | Mo-Su 17:00-02:00
jam 7 pagi sampai jam 10 malam | Mo-Su 07:00-22:00
jam 7 pagi sampai 12 malam | Mo-Su 07:00-24:00
jam 10 pagi sampai jam 1 siang | Mo-Su 10:00-13:00
jam 12 siang sampai 9 malam | Mo-Su 12:00-21:00
jam 6 petang sampai 1 dini hari | Mo-Su 18:00-01:00
jam 7 malam sampai jam 1 malam | Mo-Su 19:00-01:00
7.30 pagi - 9.30 malam | Mo-Su 07:30-21:30
19.00 malam - 02.00 pagi | Mo-Su 19:00-02:00
7 am - 10 pm | Mo-Su 07:00-22:00
12pm-12am | Mo-Su 12:00-24:00
Buka setiap hari jam 7 pagi sampai jam 10 malam | Mo-Su 07:00-22:00
Senin-Minggu 08.00-22.00 | Mo-Su 08:00-22:00
SENIN-MINGGU 08.00-22.00 | Mo-Su 08:00-22:00
Senin – Minggu: 08.00 – 22.00 | Mo-Su 08:00-22:00
Senin s/d Minggu 08.00-22.00 | Mo-Su 08:00-22:00
Senin sampai Minggu, 08.00-22.00 | Mo-Su 08:00-22:00
setiap hari 08.00-22.00 | Mo-Su 08:00-22:00
Setiap Hari: 08.00-22.00 WIB | Mo-Su 08:00-22:00
tiap hari 08.00-22.00 | Mo-Su 08:00-22:00
08.00-22.00 setiap hari | Mo-Su 08:00-22:00
08.00-22.00 (setiap hari) | Mo-Su 08:00-22:00
everyday 08.00-22.00 | Mo-Su 08:00-22:00
daily 8-22 | Mo-Su 08:00-22:00
Sen - Jum 16.00 s/d 24.00, Sab-Min 24 jam | Mo-Fr 16:00-24:00; Sa-Su 00:00-24:00
Senin-Jumat 10.00-22.00; Sabtu-Minggu 08.00-23.00 | Mo-Fr 10:00-22:00; Sa-Su 08:00-23:00
Senin-Jumat 10.00-22.00, Sabtu 08.00-23.00, Minggu 08.00-20.00 | Mo-Fr 10:00-22:00; Sa 08:00-23:00; Su 08:00-20:00
10.00-22.00 Senin-Jumat | Mo-Fr 10:00-22:00
Senin, Rabu, Jumat 10.00-22.00 | Mo,We,Fr 10:00-22:00
Senin & Rabu 10.00-22.00 | Mo,We 10:00-22:00
Senin dan Selasa 10.00-22.00 | Mo-Tu 10:00-22:00
Jumat-Senin 10.00-22.00 | Mo,Fr-Su 10:00-22:00
hari Senin 10.00-22.00 | Mo 10:00-22:00
hari kerja 08.00-16.00 | Mo-Fr 08:00-16:00
Hari kerja 08.00-16.00, akhir pekan 08.00-20.00 | Mo-Fr 08:00-16:00; Sa-Su 08:00-20:00
weekday 08.00-16.00 weekend 08.00-20.00 | Mo-Fr 08:00-16:00; Sa-Su 08:00-20:00
Jum'at 13.00-22.00 | Fr 13:00-22:00
Jum’at 13.00-22.00 | Fr 13:00-22:00
Ahad 13.00-22.00 | Su 13:00-22:00
Sn-Jmt 10.00-22.00 | Mo-Fr 10:00-22:00
Sen. - Sab. 10.00-22.00 | Mo-Sa 10:00-22:00
Snin-Jumaat 10.00-21.00 | Mo-Fr 10:00-21:00
Seninn - Sabttu 10.00-21.00 | Mo-Sa 10:00-21:00
Selassa 10.00-21.00 | Tu 10:00-21:00
Kamiss 10.00-21.00 | Th 10:00-21:00
Mingu 10.00-21.00 | Su 10:00-21:00
Monday-Friday 10.00-21.00 | Mo-Fr 10:00-21:00
Mon-Fri 10.00-21.00 | Mo-Fr 10:00-21:00
Jumat & Sabtu 18.00-03.00, Minggu 18.00-01.00 | Fr-Sa 18:00-03:00, Su 18:00-01:00
Senin-Jumat 18.00-03.00, Sabtu-Minggu 10.00-04.00 | Mo-Fr 18:00-03:00, Sa-Su 10:00-04:00
setiap hari 10.00-22.00, Sabtu 10.00-24.00 | Mo-Fr,Su 10:00-22:00; Sa 10:00-24:00
Setiap hari kecuali Senin | Tu-Su unknown
setiap hari kecuali Senin 10.00-22.00 | Tu-Su 10:00-22:00
Setiap hari 10.00-22.00 kecuali Senin | Tu-Su 10:00-22:00
setiap hari kecuali Senin dan Kamis 10.00-22.00 | Tu-We,Fr-Su 10:00-22:00
Setiap hari 10.00-22.00 kecuali hari Jumat | Mo-Th,Sa-Su 10:00-22:00
Minggu libur | Mo-Sa unknown
Minggu tutup | Mo-Sa unknown
tutup Minggu | Mo-Sa unknown
Senin & Selasa libur | We-Su unknown
10.00-22.00, Minggu libur | Mo-Sa 10:00-22:00
10.00-22.00 (Senin libur) | Tu-Su 10:00-22:00
10.00-22.00, tutup Senin | Tu-Su 10:00-22:00
Senin tutup, 10.00-22.00 | Tu-Su 10:00-22:00
Minggu 10.00-20.00, setiap hari 8-22 | Mo-Sa 08:00-22:00; Su 10:00-20:00
Senin tutup, Selasa-Minggu 10.00-22.00 | Tu-Su 10:00-22:00
Senin-Sabtu 18.00-03.00, Minggu libur | Mo-Sa 18:00-03:00
Senin s.d. Jumat pukul 08.00 s.d. 17.00 WIB; Sabtu 08.00-12.00; Minggu tutup | Mo-Fr 08:00-17:00; Sa 08:00-12:00
09.00-21.00, hari libur nasional tutup | Mo-Su 09:00-21:00; PH off
hari libur nasional tutup, Senin-Sabtu 09.00-21.00 | Mo-Sa 09:00-21:00; PH off
tanggal merah tutup, 09.00-21.00 | Mo-Su 09:00-21:00; PH off
tutup | off
libur | off
TUTUP | off
buka - subuh | Mo-Su sunset-(dawn-01:05)
maghrib - subuh | Mo-Su sunset-(dawn-01:05)
18.00 - subuh | Mo-Su 18:00-(dawn-01:05)
  08.00-22.00.  | Mo-Su 08:00-22:00
08.00-22.00 |  Mo-Su 08:00-22:00
Mo-Su 16:00-08:00 | Mo-Su 16:00-08:00
08:00-00:00 | 08:00-00:00
Mo-Fr 08:00-12:00; Sa off | Mo-Fr 08:00-12:00; Sa off
sunrise-sunset | sunrise-sunset
"""
TABLE = [tuple(part.strip() for part in line.split(" | ")) for line in READ.strip().splitlines()]

REFUSED = """
kadang-kadang | kadang
besok buka | besok
25.00-26.00 | 25.00
08.00- | 08.00
senin | senin
10.00 | 10.00
08.00-08.00 | 08.00-08.00
10.75-12.00 | 10.75
24.30-01.00 | 24.30
buka tergantung cuaca | tergantung
🕛🕛 | 🕛
hubungi admin | hubungi
12 pagi - 3 sore | 12 pagi
9 sore - 10 malam | 9 sore
sampai 22.00 | 22.00
22.00+ WIB | + wib
10.00-22.00-23.00 | 10.00
setiap hari kecuali | setiap hari
((((( | (((((
10.00-22.00 <script> | <script
Ramadan 16.00-04.00 | ramadan
08.00.30-09.00 | 8.00.30
10.00-22.00 tutup | 10.00-22.00 tutup
setiap hari kecuali Minggu, Minggu 12.00-20.00 | minggu
Senin-Jumat 10.00-22.00 libur | senin-jumat
tutup Senin, Selasa-Minggu 10.00-22.00 | tutup senin
"""
NOT_HOURS = [tuple(line.split(" | ")) for line in REFUSED.strip().splitlines()] + [("", "(empty)"), ("x" * 10_000, "x")]


def test_the_table_is_long_enough() -> None:
    assert len({text for text, _ in TABLE}) >= 120


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_what_venues_write_is_read(text: str, expected: str) -> None:
    found = normalise(text)
    assert found == expected
    assert validate(found)
    assert normalise(found) == found


@pytest.mark.parametrize(("text", "part"), NOT_HOURS)
def test_what_cannot_be_read_is_refused_with_its_part(text: str, part: str) -> None:
    with pytest.raises(HoursError) as refused:
        normalise(text)
    assert part in str(refused.value)


CLOCK = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
SPAN = st.tuples(CLOCK, CLOCK).filter(lambda pair: pair[0] != pair[1]).map("-".join)
SELECTOR = st.one_of(
    st.sampled_from(DAYS), st.sampled_from(["Mo-Fr", "Sa-Su", "Mo,We,Fr", "PH", "Mo-Su", "Dec 25", "Jan-Mar", "SH"])
)
RULE = st.builds("{} {}".format, SELECTOR, st.one_of(SPAN, st.sampled_from(["off", "open", "unknown", "24:00-26:00"])))
SEPARATOR = st.sampled_from(["; ", ", "])
OSM = st.builds(str.join, SEPARATOR, st.lists(RULE, min_size=1, max_size=4))


@given(OSM.filter(validate))
def test_osm_syntax_passes_through_unchanged(text: str) -> None:
    assert normalise(text) == text


VOCABULARY = """
senin selasa rabu kamis jumat sabtu minggu setiap hari libur tutup kecuali jam 24 buka - , ; 10.00 22.00 02.00
sampai s/d dan wib 5 sore malam pagi subuh hari kerja
"""
WORDS = st.sampled_from(sorted(set(VOCABULARY.split())))


@given(st.one_of(st.lists(WORDS, max_size=12).map(" ".join), st.text(max_size=40)))
def test_whatever_is_written_is_read_as_valid_hours_or_refused(text: str) -> None:
    try:
        found = normalise(text)
    except HoursError:
        return
    assert validate(found)
    assert normalise(found) == found

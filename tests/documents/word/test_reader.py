"""Reading Word files: what each thing in a file becomes, with literal counts of words."""

import pytest

from documents.word.pieces import Tracked, looks_like_form, table_end, unfold_table
from documents.word.reader import read_docx
from tests.documents.word.files import DECLARED, REL, called, docx, drawing, notes, num, p, png, r, table

LINK = f'<Relationship Id="l" Type="{REL}/hyperlink" Target="https://example.org/a?b=1&amp;c=2" TargetMode="External"/>'
IMAGE = f'<Relationship Id="i" Type="{REL}/image" Target="media/image1.png"/>'
WPS = 'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'


def read(*body, words, **options):
    """Read a body, and hold the reader to its two counts and to the one that the test gives."""
    tracked = options.pop("tracked", Tracked.ASK)
    guidance = options.pop("guidance", ())
    text = read_docx(docx("".join(body), **options), tracked=tracked, guidance=guidance)
    assert (text.words, text.piece_words) == (words, words)
    return text


def kinds(text):
    return [(piece.kind, piece.incoming.text.get("body", "")) for piece in text.pieces]


def items(text):
    return [
        (row.incoming.data["level"], row.incoming.data["ordered"], row.incoming.data.get("starts", False), row.plain)
        for row in text.pieces
        if row.kind == "list_item"
    ]


# --- Headings ---------------------------------------------------------------------------------------------


def test_headings_by_style_in_any_language():
    text = read(
        p("Yksi", style="Otsikko1"),
        p("Kaksi", style="Otsikko2"),
        p("Kolme", style="Oma"),
        p("Neljä", style="Vanha"),
        p("Fem", style="Ruotsi"),
        p("Kuusi", style="EiOtsikko"),
        p("Seitsemän", properties='<w:outlineLvl w:val="3"/>'),
        p("Kahdeksan", style="Otsikko1", properties='<w:outlineLvl w:val="9"/>'),
        words=8,
    )
    assert [piece.heading_level for piece in text.pieces] == [1, 2, 1, 3, 2, 0, 4, 0]


def test_title_is_known():
    (title,) = read(p("Käsikirja", style="Title"), words=1).pieces
    assert (title.is_title, title.heading_level, title.kind) == (True, 1, "heading")


@pytest.mark.parametrize(
    ("typed", "number", "clean"),
    [
        ("2.3 Nykytila", "2.3", "Nykytila"),
        ("2.3. Nykytila", "2.3.", "Nykytila"),
        ("1) Nykytila", "1)", "Nykytila"),
        ("2.Nykytila", "2.", "Nykytila"),
        ("IV. Nykytila", "IV.", "Nykytila"),
        ("A. Nykytila", "A.", "Nykytila"),
        ("b) Nykytila", "b)", "Nykytila"),
        ("4 Nykytila", "4", "Nykytila"),
        ("2023 oli hyvä", "", "2023 oli hyvä"),
        ("Nykytila 2", "", "Nykytila 2"),
        ("4", "", "4"),
        ("E-palvelut", "", "E-palvelut"),
        ("3-vuotiaat", "", "3-vuotiaat"),
    ],
)
def test_typed_number_of_a_heading_is_taken_off(typed, number, clean):
    (piece,) = read(p(typed, style="Otsikko1"), words=len(typed.split())).pieces
    assert (piece.number, piece.plain) == (number, clean)


def test_typed_number_may_be_in_a_run_of_its_own():
    body = p(
        r("2", "<w:b/>"), r(".1"), "<w:r><w:tab/></w:r>", r("Nyky", "<w:i/>"), r("tila", "<w:i/>"), style="Otsikko2"
    )
    (piece,) = read(body, words=2).pieces
    assert (piece.number, piece.incoming.text["body"]) == ("2.1", "<em>Nykytila</em>")


def test_automatic_number_of_a_heading():
    text = read(
        p("Yksi", style="Otsikko1", properties=num(4)),
        p("Kaksi", style="Otsikko2", properties=num(4, 1)),
        p("Kolme", style="Otsikko2", properties=num(4, 1)),
        p("Neljä", style="Otsikko1", properties=num(4)),
        p("Viisi", style="Otsikko2", properties=num(4, 1)),
        words=5,
    )
    assert [piece.number for piece in text.pieces] == ["1", "1.1", "1.2", "2", "2.1"]


def test_bold_lines_are_guessed_to_be_headings():
    body = "Tässä on tavallista tekstiä, jota on paljon enemmän kuin otsikoita."
    text = read(
        p(r("KÄSIKIRJA", '<w:b/><w:sz w:val="40"/>')),
        p(r("1. Johtaminen", '<w:b/><w:sz w:val="30"/>')),
        p(r("Nykytila", '<w:b/><w:sz w:val="26"/>')),
        p(body),
        p(r("Tarkemmin", "<w:b/>")),
        p(body),
        p(r("Tämä lihavoitu lause ei ole otsikko.", "<w:b/>")),
        p(body),
        words=1 + 2 + 1 + 10 + 1 + 10 + 6 + 10,
    )
    assert [(row.heading_level, row.plain) for row in text.pieces if row.heading_guess] == [
        (1, "KÄSIKIRJA"),
        (1, "Johtaminen"),
        (2, "Nykytila"),
        (3, "Tarkemmin"),
    ]
    assert [row.is_title for row in text.pieces[:2]] == [True, False]
    assert text.pieces[1].number == "1."


def test_guessed_headings_fit_the_real_ones_by_size():
    text = read(
        p("Oikea", style="Otsikko1"),
        p("Toinen", style="Otsikko2"),
        p("tavallista tekstiä tässä"),
        p(r("Arvattu yksi", '<w:b/><w:sz w:val="34"/>')),
        p(r("Arvattu kaksi", '<w:b/><w:sz w:val="28"/>')),
        p("tavallista tekstiä tässä"),
        words=1 + 1 + 3 + 2 + 2 + 3,
    )
    assert [row.heading_level for row in text.pieces] == [1, 2, 0, 1, 2, 0]


# --- Inline -----------------------------------------------------------------------------------------------


def test_marks_links_and_breaks():
    link = f'<w:hyperlink r:id="l">{r("lin", "<w:b/>")}{r("kki")}</w:hyperlink>'
    inside = '<w:hyperlink w:anchor="x"><w:r><w:t>sisäinen</w:t></w:r></w:hyperlink>'
    text = read(
        p(
            r("Vahva", '<w:rStyle w:val="Vahva"/>'),
            " ja ",
            r("kursiivi", "<w:i/>"),
            "<w:r><w:br/></w:r>",
            link,
            " ",
            inside,
        ),
        p(r("ei", '<w:b w:val="0"/>'), " &lt;script&gt; &amp; "),
        words=5 + 3,
        relations=LINK,
    )
    assert kinds(text) == [
        (
            "paragraph",
            "<strong>Vahva</strong> ja <em>kursiivi</em><br>"
            '<a href="https://example.org/a?b=1&amp;c=2"><strong>lin</strong></a>'
            '<a href="https://example.org/a?b=1&amp;c=2">kki</a> sisäinen',
        ),
        ("paragraph", "ei &lt;script&gt; &amp;"),
    ]


def test_dangerous_links_lose_their_address_and_keep_their_words():
    relation = f'<Relationship Id="l" Type="{REL}/hyperlink" Target="javascript:alert(1)" TargetMode="External"/>'
    text = read(p(f'<w:hyperlink r:id="l">{r("paina tästä")}</w:hyperlink>'), words=2, relations=relation)
    assert kinds(text) == [("paragraph", "paina tästä")]


def test_odd_signs():
    body = p(
        r("sana"),
        "<w:r><w:tab/><w:t>toi\u00adnen</w:t><w:softHyphen/><w:t>kin</w:t><w:noBreakHyphen/><w:t>loppu</w:t></w:r>",
        '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>',
        '<w:r><w:br w:type="page"/><w:t>uusi</w:t><w:cr/><w:t>rivi\u200b</w:t></w:r>',
    )
    assert kinds(read(body, words=4)) == [("paragraph", "sana toinenkin-loppu✓ uusi<br>rivi")]


def test_fields_keep_their_results_only():
    def field(code, result, *, inner=""):
        return (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            f"<w:r><w:instrText>{code}</w:instrText></w:r>{inner}"
            f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{r(result)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        )

    box = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar>'
        '</w:r><w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    text = read(
        p(field('HYPERLINK "https://example.org/"', "linkki"), " sivu ", field("PAGE", "12"), field("REF x", "kohta")),
        p(box, " kyllä"),
        p('<w:fldSimple w:instr=" NUMPAGES "><w:r><w:t>9</w:t></w:r></w:fldSimple>', "loppu"),
        words=3 + 2 + 1,
    )
    assert kinds(text) == [
        ("paragraph", '<a href="https://example.org/">linkki</a> sivu kohta'),
        ("paragraph", "☒ kyllä"),
        ("paragraph", "loppu"),
    ]


def test_footnotes_and_endnotes_become_notes():
    parts = notes("footnote", n2=r"Alaviite &amp; sen sanat.", n3=p("Ei kutsuttu")) | notes(
        "endnote", n5=p(r("Loppuviite", "<w:b/>")) + p("toinen kappale")
    )
    text = read(
        p("Sana", called(2), ", toinen ", called(5, "endnote"), "kolmas."),
        words=3 + 4 + 3,
        parts=parts,
    )
    assert kinds(text) == [
        (
            "paragraph",
            'Sana<span class="note">Alaviite &amp; sen sanat.</span>, toinen '
            '<span class="note"><strong>Loppuviite</strong><br>toinen kappale</span> kolmas.',
        )
    ]


def test_formulas_hidden_text_and_comments():
    parts = {"word/comments.xml": f'<w:comments{DECLARED}><w:comment w:id="1">{p("huom")}</w:comment></w:comments>'}
    text = read(
        p("Kaava ", "<m:oMath><m:r><m:t>a+b</m:t></m:r></m:oMath>", r(" salainen sana", "<w:vanish/>")),
        words=2,
        parts=parts,
    )
    assert kinds(text) == [("paragraph", "Kaava a+b")]
    assert [(row.reason, row.text) for row in text.left_out] == [("hidden", "salainen sana")]
    assert text.comments == 1


# --- Lists ------------------------------------------------------------------------------------------------


def test_lists_with_levels_and_restarts():
    text = read(
        p("a", properties=num(1)),
        p("b", properties=num(1, 1)),
        p("c", style="Luettelo2"),
        p("väli"),
        p("d", properties=num(2)),
        p("e", properties=num(2)),
        p("f", properties=num(2, 1)),
        p("g", properties=num(3)),
        p("h", properties=num(1)),
        words=9,
    )
    assert items(text) == [
        (0, False, False, "a"),
        (1, False, False, "b"),
        (1, False, False, "c"),
        (0, True, False, "d"),
        (0, True, False, "e"),
        (1, True, False, "f"),
        (0, True, True, "g"),
        (0, False, True, "h"),
    ]
    assert [piece.number for piece in text.pieces] == ["", "", "", "", "1)", "2)", "a)", "1)", ""]


def test_typed_dashes_become_lists():
    text = read(
        p("– yksi"),
        p("–\u00a0kaksi", properties='<w:ind w:left="720"/>'),
        p("• kolme"),
        p("•neljä"),
        p("-viisi"),
        p("teksti – jatkuu"),
        words=2 + 2 + 2 + 1 + 1 + 3,
    )
    assert items(text) == [
        (0, False, False, "yksi"),
        (1, False, False, "kaksi"),
        (0, False, False, "kolme"),
        (0, False, False, "neljä"),
    ]
    assert kinds(text)[-2:] == [("paragraph", "-viisi"), ("paragraph", "teksti – jatkuu")]


def test_typed_dashes_on_lines_of_one_paragraph():
    br = "<w:r><w:br/></w:r>"
    text = read(p("Meillä on:", br, "– yksi", br, "jatkuu", br, "– ", r("kaksi", "<w:b/>")), words=7)
    assert kinds(text) == [
        ("paragraph", "Meillä on:"),
        ("list_item", "yksi<br>jatkuu"),
        ("list_item", "<strong>kaksi</strong>"),
    ]


def test_typed_numbers_in_a_row_become_a_list():
    text = read(p("1) yksi"), p("2) kaksi"), p("väli"), p("1. yksin"), p("12.3. kokous"), words=9)
    assert items(text) == [(0, True, False, "yksi"), (0, True, False, "kaksi")]
    assert [piece.plain for piece in text.pieces[2:]] == ["väli", "1. yksin", "12.3. kokous"]


# --- Tables -----------------------------------------------------------------------------------------------


def test_table_with_spans_and_a_flagged_head():
    across, down, on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    text = read(
        table(
            [("Nimi", ""), ("Kaksi saraketta", across)],
            [("Alas", down), "a", "b"],
            [("", on), "c", "d"],
            header=1,
        ),
        words=8,
    )
    head, first, second, third = text.pieces
    one, two, three = head.incoming.data["columns"]
    assert head.kind == "table"
    assert first.incoming.text == {one: "Nimi", two: "Kaksi saraketta"}
    assert first.incoming.data == {"head": True, "spans": {two: [2, 1]}, "covered": [three]}
    assert second.incoming.data == {"head": False, "spans": {one: [1, 2]}}
    assert second.incoming.text == {one: "Alas", two: "a", three: "b"}
    assert third.incoming.data == {"head": False, "covered": [one]}
    assert third.incoming.text == {two: "c", three: "d"}


def test_a_bold_first_row_is_head_and_its_boldness_is_not_said_twice():
    bold = p(r("Otsake", "<w:b/>"))
    text = read(table([bold, bold], ["a", "b"]), words=4)
    assert text.pieces[1].incoming.data["head"] is True
    assert set(text.pieces[1].incoming.text.values()) == {"Otsake"}
    plain = read(table([bold, "ei"], ["a", "b"]), words=4)
    assert plain.pieces[1].incoming.data["head"] is False


def test_column_keys_are_the_same_at_every_reading():
    body = table(["Palvelu", "Vastuu"], ["a", "b"], header=1)
    first, again = read(body, words=4), read(body, words=4)
    assert first.pieces[0].incoming.data["columns"] == again.pieces[0].incoming.data["columns"]
    wider = read(table(["Palvelu", "Uusi", "Vastuu"], ["a", "x", "b"], header=1), words=6)
    columns = wider.pieces[0].incoming.data["columns"]
    assert [columns[0], columns[2]] == first.pieces[0].incoming.data["columns"]


def test_cells_keep_paragraphs_and_lists():
    cell = (
        p("Johdanto") + p("yksi", properties=num(1)) + p("kaksi", properties=num(1, 1)) + p("kolme", properties=num(1))
    )
    text = read(table([cell, p("– a") + p("– b")]), words=8)
    assert list(text.pieces[1].incoming.text.values()) == [
        "<p>Johdanto</p><ul><li>yksi<ul><li>kaksi</li></ul></li><li>kolme</li></ul>",
        "<ul><li>a</li><li>b</li></ul>",
    ]


def test_a_table_in_a_cell_is_laid_flat_without_losing_words():
    inner = table(["sisä yksi", "sisä kaksi"], [p("– piste"), "loppu"])
    text = read(table([p("ennen") + inner + p("jälkeen"), "toinen"]), words=1 + 4 + 3 + 1 + 1)
    assert list(text.pieces[1].incoming.text.values()) == [
        "<p>ennen</p><p>sisä yksi</p><p>sisä kaksi</p><ul><li>piste</li></ul><p>loppu</p><p>jälkeen</p>",
        "toinen",
    ]


def test_pictures_of_cells_follow_the_table():
    text = read(
        table([p("kuva", drawing("i", "Talo")), "b"]), words=2, relations=IMAGE, parts={"word/media/image1.png": png()}
    )
    assert [piece.kind for piece in text.pieces] == ["table", "table_row", "figure"]
    assert text.pieces[2].in_table
    assert table_end(text.pieces, 0) == 3


def test_a_form_table_unfolds_into_headings_and_answers():
    question = p(r("Mikä toimii", "<w:b/>")) + p(r("Enintään kolme.", "<w:i/>"))
    answer = p("Moni asia toimii meillä hyvin.") + p("– yksi") + p("– kaksi", drawing("i"))
    heading = ("Koko rivi", '<w:gridSpan w:val="2"/>')
    text = read(
        table(["Kysymys", "Vastaus"], [heading], [question, answer], ["2. Nykytila", "Hyvä nyt."], header=1),
        words=2 + 2 + 4 + 9 + 4,
        relations=IMAGE,
        parts={"word/media/image1.png": png()},
    )
    assert looks_like_form(text.pieces)
    unfolded = unfold_table(text.pieces[: table_end(text.pieces, 0)], level=2)
    assert [(piece.heading_level, piece.kind, piece.plain) for piece in unfolded] == [
        (0, "paragraph", "Kysymys"),
        (0, "paragraph", "Vastaus"),
        (1, "heading", "Koko rivi"),
        (2, "heading", "Mikä toimii"),
        (0, "paragraph", "Enintään kolme."),
        (0, "paragraph", "Moni asia toimii meillä hyvin."),
        (0, "list_item", "yksi"),
        (0, "list_item", "kaksi"),
        (0, "figure", ""),
        (2, "heading", "2. Nykytila"),
        (0, "paragraph", "Hyvä nyt."),
    ]
    assert sum(piece.words for piece in unfolded) == text.words
    assert not any(piece.in_table for piece in unfolded)


def test_a_table_of_three_columns_is_no_form():
    assert not looks_like_form(read(table(["a", "b", "c"], ["d", "e", "f"]), words=6).pieces)
    assert not looks_like_form(read(table(["helmi", "Aloitus nyt"], ["maalis", "Jatko"]), words=5).pieces)


# --- Pictures, boxes, captions ----------------------------------------------------------------------------


def test_pictures_with_text_alternatives_and_captions():
    text = read(
        p("Ennen", drawing("i", "Talo &amp; piha")),
        p("Kuva 1. Perhetalo", style="Kuvaotsikko"),
        p("Taulukko 1. Palvelut", style="Kuvaotsikko"),
        table(["a"]),
        p("Irrallinen", style="Kuvaotsikko"),
        words=1 + 3 + 3 + 1 + 1,
        relations=IMAGE,
        parts={"word/media/image1.png": png()},
    )
    assert [piece.kind for piece in text.pieces] == ["paragraph", "figure", "table", "table_row", "paragraph"]
    figure = text.pieces[1].incoming
    assert figure.text == {"alt": "Talo &amp; piha", "caption": "Kuva 1. Perhetalo"}
    assert text.pieces[2].incoming.text == {"caption": "Taulukko 1. Palvelut"}
    image = text.images[figure.data["file"]]
    assert (image.content, image.content_type, image.name) == (png(), "image/png", "image1.png")


def test_text_boxes_are_read_once():
    box = f"<w:txbxContent>{p('laatikon sanat')}{p('toinen')}</w:txbxContent>"
    drawn = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp {WPS}><wps:txbx>{box}</wps:txbx>'
        f"</wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    text = read(p("Teksti", drawn, " jatkuu"), table([p("solu", drawn)]), words=2 + 3 + 1 + 3)
    assert kinds(text)[:3] == [("paragraph", "Teksti jatkuu"), ("paragraph", "laatikon sanat"), ("paragraph", "toinen")]
    assert list(text.pieces[4].incoming.text.values()) == ["<p>solu</p><p>laatikon sanat</p><p>toinen</p>"]


def test_quotes_and_what_cannot_be_read():
    chart = (
        '<w:r><w:drawing><c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"/></w:drawing></w:r>'
    )
    text = read(p("Lainattu", style="Lainaus"), p(chart), '<w:altChunk r:id="x"/>', words=1)
    assert kinds(text) == [("quote", "Lainattu")]
    assert text.unread == ["attached_file", "chart"]


# --- Tracked changes --------------------------------------------------------------------------------------

WHO = 'w:author="Aino Esimerkki" w:date="2022-01-01T00:00:00Z"'


def tracked_body():
    return (
        p("Vanha ", f"<w:del {WHO}><w:r><w:delText>poistettu pitkä sana</w:delText></w:r></w:del>")
        + p(f"<w:ins {WHO}>{r('lisätty')}</w:ins>", " loppu")
        + p(f"<w:moveFrom {WHO}>{r('siirretty')}</w:moveFrom>", "jää")
        + p("tähän ", f"<w:moveTo {WHO}>{r('siirretty')}</w:moveTo>")
    )


def test_tracked_changes_ask_first():
    text = read(tracked_body(), words=1 + 2 + 1 + 2)
    assert (text.must_ask, text.tracked_changes, text.authors) == (True, 4, ["Aino Esimerkki"])
    assert (text.words_accepted, text.words_original) == (6, 7)


def test_tracked_changes_accepted_and_original():
    accepted = read(tracked_body(), words=6, tracked=Tracked.ACCEPTED)
    assert [piece.plain for piece in accepted.pieces] == ["Vanha", "lisätty loppu", "jää", "tähän siirretty"]
    original = read(tracked_body(), words=7, tracked=Tracked.ORIGINAL)
    assert [piece.plain for piece in original.pieces] == [
        "Vanha poistettu pitkä sana",
        "loppu",
        "siirrettyjää",
        "tähän",
    ]
    assert not accepted.must_ask
    assert (original.words_accepted, original.words_original) == (6, 7)


def test_paragraph_ends_rows_and_cells_are_tracked_too():
    deleted_end = f"<w:rPr><w:del {WHO}/></w:rPr>"
    row = f"<w:tr><w:trPr><w:ins {WHO}/></w:trPr><w:tc>{p('uusi rivi')}</w:tc></w:tr>"
    old = f"<w:tr><w:tc>{p('vanha')}</w:tc></w:tr>"
    body = p("yksi", properties=deleted_end) + p("kaksi") + f"<w:tbl>{old}{row}</w:tbl>"
    accepted = read(body, words=1 + 3, tracked=Tracked.ACCEPTED)
    assert [piece.plain for piece in accepted.pieces] == ["yksikaksi", "", "vanha", "uusi rivi"]
    original = read(body, words=2 + 1, tracked=Tracked.ORIGINAL)
    assert [piece.plain for piece in original.pieces] == ["yksi", "kaksi", "", "vanha"]
    assert original.tracked_changes == 2


def test_changes_of_looks_alone_do_not_ask():
    changed = f"<w:rPrChange {WHO}><w:rPr/></w:rPrChange>"
    assert not read(p(r("sana", f"<w:b/>{changed}")), words=1).must_ask


# --- What is no text --------------------------------------------------------------------------------------


def test_contents_are_left_out_and_told():
    toc = (
        "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj></w:sdtPr>"
        f"<w:sdtContent>{p('Sisällys')}{p('1 Nykytila 3', style='Sisluet1')}</w:sdtContent></w:sdt>"
    )
    field = (
        p(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o</w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
            "Luku 1",
        )
        + p("Luku 2", '<w:r><w:fldChar w:fldCharType="end"/></w:r>')
        + p("Leipäteksti")
    )
    text = read(toc, field, words=1)
    assert [(row.reason, row.text) for row in text.left_out] == [
        ("contents", "Sisällys"),
        ("contents", "1 Nykytila 3"),
        ("contents", "Luku 1"),
        ("contents", "Luku 2"),
    ]
    assert text.left_out_words == 8


def test_known_guidance_is_left_out():
    text = read(p("Kuvatkaa nykytila."), p("Meillä on hyvä."), words=3, guidance=["Kuvatkaa  nykytila."])
    assert [piece.plain for piece in text.pieces] == ["Meillä on hyvä."]
    assert text.left_out[0].reason == "guidance"


def test_language_and_content_controls():
    swedish = '<w:lang w:val="sv-FI"/>'
    control = "<w:sdt><w:sdtPr><w:tag w:val='fc:nykytila'/></w:sdtPr>"
    control += f"<w:sdtContent>{p('svar')}</w:sdtContent></w:sdt>"
    text = read(p(r("Det här är en text på svenska", swedish)), control, words=8)
    assert text.language == "sv"
    assert [piece.section_key for piece in text.pieces] == ["", "nykytila"]


def test_empty_files_are_empty():
    text = read("", words=0)
    assert (text.pieces, text.language) == ([], "")
    assert read(p(""), p(" "), p("\u00a0"), words=0).pieces == []


# --- Odd corners ------------------------------------------------------------------------------------------


def test_numbering_through_styles_levels_and_letters():
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{style}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for n, (start, form, style, text) in enumerate(
            [
                (3, "upperRoman", "", "%1."),
                (27, "upperLetter", '<w:pStyle w:val="Taso"/>', "%1-%2)"),
                (1, "decimalZero", "", "%3"),
                (1, "none", "", ""),
            ]
        )
    )
    numbering = (
        f'<w:numbering{DECLARED}><w:abstractNum w:abstractNumId="5">{levels}</w:abstractNum>'
        '<w:abstractNum w:abstractNumId="6"><w:numStyleLink w:val="Linkki"/></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="6"/></w:num>'
        "</w:numbering>"
    )
    paragraph_style = '<w:style w:type="paragraph" w:styleId="{}"><w:name w:val="{}"/>{}</w:style>'
    numbered = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    styles = f"<w:styles{DECLARED}>" + "".join(
        paragraph_style.format(key, key, looks)
        for key, looks in (
            ("Taso", numbered),
            ("Linkki", numbered),
            ("Peri", '<w:basedOn w:val="Taso"/>'),
            ("Kehä", '<w:basedOn w:val="Kehä"/>'),
        )
    )
    text = read(
        p("a", properties=num(1)),
        p("b", style="Taso"),
        p("c", style="Peri"),
        p("d", properties=num(1, 2)),
        p("e", properties=num(2)),
        p("f", properties=num(1, 3)),
        p("g", style="Kehä"),
        words=7,
        parts={"word/numbering.xml": numbering, "word/styles.xml": f"{styles}</w:styles>"},
    )
    assert [(piece.kind, piece.number) for piece in text.pieces] == [
        ("list_item", "III."),
        ("list_item", "III-AA)"),
        ("list_item", "III-BB)"),
        ("list_item", "01"),
        ("list_item", "III."),
        ("paragraph", ""),
        ("paragraph", ""),
    ]


def test_old_pictures_and_embedded_objects():
    old = '<w:r><w:pict><v:shape alt="Vanha"><v:imagedata r:id="i"/></v:shape></w:pict></w:r>'
    embedded = '<w:r><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office"/></w:object></w:r>'
    text = read(p(old, embedded), words=0, relations=IMAGE, parts={"word/media/image1.png": png()})
    assert [piece.incoming.text["alt"] for piece in text.pieces] == ["Vanha"]
    assert text.unread == ["object"]


def test_a_taken_away_end_before_a_table_or_a_bookmark():
    ended = f"<w:rPr><w:del {WHO}/></w:rPr>"
    mark = '<w:bookmarkStart w:id="1" w:name="x"/><w:bookmarkEnd w:id="1"/>'
    text = read(
        p("yksi", properties=ended),
        table(["solu"]),
        p("kaksi", properties=ended),
        mark,
        p("kolme"),
        p(properties=ended),
        table(["toinen"]),
        words=4,
        tracked=Tracked.ACCEPTED,
    )
    assert [piece.plain for piece in text.pieces if piece.plain] == ["yksi", "solu", "kaksikolme", "toinen"]


def test_cells_that_came_or_went_are_tracked():
    def row(kind):
        looks = f"<w:tcPr><w:{kind} {WHO}/></w:tcPr>"
        return f"<w:tbl><w:tr><w:tc>{p('jää')}</w:tc><w:tc>{looks}{p('muuttuu')}</w:tc></w:tr></w:tbl>"

    body = row("cellIns") + row("cellDel")
    accepted = read(body, words=3, tracked=Tracked.ACCEPTED)
    assert [piece.plain for piece in accepted.pieces if piece.plain] == ["jää muuttuu", "jää"]
    original = read(body, words=3, tracked=Tracked.ORIGINAL)
    assert [piece.plain for piece in original.pieces if piece.plain] == ["jää", "jää muuttuu"]


def test_bookmarks_between_paragraphs_belong_to_the_next():
    mark = '<w:bookmarkStart w:id="1" w:name="_fc_abcdefghjk"/>'
    text = read(p("eka"), mark, p(""), p("toka"), '<w:bookmarkEnd w:id="1"/>', words=2)
    assert [piece.incoming.id for piece in text.pieces] == [None, "abcdefghjk"]
    in_table = read(mark, table(["a"]), words=1)
    assert [piece.incoming.id for piece in in_table.pieces] == [None, "abcdefghjk"]

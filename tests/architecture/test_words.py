"""Nothing that people read stands unmarked, and every language says all of it."""

import pytest
from babel.messages.catalog import Catalog

from tests.architecture import unmarked, words
from tests.architecture.conftest import Planted
from tests.architecture.house import SOURCE

UNMARKED = [
    "<p>Hello</p>",
    "{% if a %}yes{% else %}{% translate 'no' %}{% endif %}",
    "{% translate 'Hello' %} there",
    "{% blocktranslate %}Hello{% endblocktranslate %} there",
    '<img alt="A picture" src="a.png">',
    '<a href="/" aria-label="Go home">{{ there }}</a>',
    '<td data-label="Since">{{ since }}</td>',
    '<input type="submit" value="Send">',
    '<p title="{{ name }} and more"></p>',
    "{{ address|default:'unknown' }}",
    "{{ count }} {% translate 'file' %}{{ count|pluralize }}",
    '{% include "a.html" with label="Find projects" %}',
    '{% include "a.html" with what="this file" %}',
    "{% block title %}Projects{% endblock %}",
    "<button{% if on %} disabled{% endif %}>Send</button>",
    "Hello {{ name }},\n",
]
MARKED = [
    "<p>{% translate 'Hello' %}, {{ name }}: 3 · {{ many }} UTC</p>",
    "{% blocktranslate count n=2 %}one{% plural %}{{ n }} files{% endblocktranslate %}",
    "<code>csm••••</code><pre>curl -H x</pre><style>p { color: red }</style>",
    "<script>go()</script><svg><title>x</title></svg>",
    """<a aria-label="{% translate 'Go' %}" class="button" href="{% url 'front' %}">{{ label }}</a>""",
    '{% include "web/_nav.html" with name="front" on="desk" label=_("Find projects") %}',
    '{{ address|default:_("unknown") }} {{ day|date:"j F" }}',
    "{% comment %}for us{% endcomment %}{# and this #}<!-- and this -->",
]
PLAIN = [
    ("web/forms.py", "name = Text(label='Name')"),
    ("web/forms.py", "name = Text(label=_('Name'), help_text='In full.')"),
    ("web/forms.py", "text = long_text('Text')"),
    ("web/leave.py", "def f(request): messages.success(request, 'Done.')"),
    ("web/leave.py", "def f(request, name): messages.info(request, f'{name} is gone.')"),
    ("web/leave.py", "def f(request, one): messages.info(request, 'One.' if one else gettext('Many.'))"),
    ("web/forms.py", "def f(form): form.add_error('name', 'Taken.')"),
    ("web/forms.py", "def f(): raise ValidationError('Taken.', code='taken')"),
    ("sharing/actions.py", "def f(): raise Refused('No.')"),
    ("projects/actions.py", "def f(): raise NotFound(f'There is no {name}.')"),
]
CATALOGUES = [
    ("", "not translated"),
    ("Von %(who)s", "other places"),
    ("Von <bdi>%(name)s</bdi>", "other places"),
]


def test_no_word_of_a_template_stands_unmarked() -> None:
    assert unmarked.in_templates(SOURCE) == []


def test_no_word_of_a_form_a_notice_or_a_refusal_stands_unmarked() -> None:
    assert unmarked.in_code(SOURCE) == []


@pytest.mark.parametrize("template", UNMARKED)
def test_a_planted_word_of_a_template_is_caught(template: str) -> None:
    assert unmarked.unmarked(template)


@pytest.mark.parametrize("template", MARKED)
def test_what_is_marked_or_read_by_programs_is_let_be(template: str) -> None:
    assert unmarked.unmarked(template) == []


@pytest.mark.parametrize(("place", "code"), PLAIN)
def test_a_planted_word_of_the_code_is_caught(planted: Planted, place: str, code: str) -> None:
    planted.write(code, place)

    assert unmarked.in_code(planted.source)


def test_a_planted_template_is_found(planted: Planted) -> None:
    planted.write("<p>Hello</p>", "oauth/templates/oauth/hello.html")

    assert unmarked.in_templates(planted.source) == ["hello.html: Hello"]


@pytest.mark.parametrize("language", words.languages())
def test_a_language_says_all_that_is_marked_and_nothing_else(language: str) -> None:
    assert words.faults(words.extracted(), words.known(language)) == []


@pytest.mark.parametrize("language", words.languages())
def test_what_programs_read_of_a_language_is_what_people_wrote(language: str) -> None:
    place = words.place_of(language)

    assert words.spoken(place.with_suffix(".mo").read_bytes()) == words.spoken(words.compiled(words.known(language)))


def test_there_is_a_catalogue_for_each_language_but_english() -> None:
    from consentry_server.members.rules import LANGUAGES

    assert words.languages() == sorted(set(LANGUAGES) - {"en"})


def test_what_is_marked_is_extracted(planted: Planted) -> None:
    planted.write(
        "{% translate 'One' %}\n  {% blocktranslate trimmed count n=n %}\n  {{ n }} is {{ who }}\n"
        "  {% plural %}{{ n }} are{% endblocktranslate %}{{ a|default:_('Two') }}",
        "web/templates/web/a.html",
    )
    planted.write("a = _('Three')\nb = ngettext('{n} file', '{n} files', n)\nc = gettext_noop('Fo' 'ur')", "web/a.py")

    assert {message.id for message in words.extracted(planted.source) if message.id} == {
        "One", ("%(n)s is %(who)s", "%(n)s are"), "Two", "Three", ("{n} file", "{n} files"), "Four",
    }  # fmt: skip


@pytest.mark.parametrize(("said", "fault"), CATALOGUES)
def test_a_planted_fault_of_a_catalogue_is_caught(said: str, fault: str) -> None:
    marked, catalog = Catalog(), Catalog(locale="de")
    marked.add("By %(name)s")
    catalog.add("By %(name)s", said)

    assert [fault in found for found in words.faults(marked, catalog)] == [True]


def test_what_is_missing_left_over_or_unsure_is_caught() -> None:
    marked, catalog = Catalog(), Catalog(locale="de")
    marked.add("New")
    marked.add("Unsure")
    marked.add(("%(n)s file", "%(n)s files"))
    catalog.add("Old", "Alt")
    catalog.add("Unsure", "Unsicher", flags=["fuzzy"])
    catalog.add(("%(n)s file", "%(n)s files"), ("%(n)s Datei", ""))

    assert sorted(fault.split(":")[0] for fault in words.faults(marked, catalog)) == [
        "fuzzy", "nobody says this any more", "not translated", "not translated",
    ]  # fmt: skip

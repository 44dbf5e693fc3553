"""The gravest signs in Spanish, and the reply in Spanish."""

import pytest

from safety import check, reply_texts

FOUND = [
    ("no respira", "emergency_life"),
    ("mi bebé no puede respirar", "emergency_life"),
    ("está azul", "emergency_life"),
    ("tiene los labios morados", "emergency_life"),
    ("no despierta", "emergency_life"),
    ("tiene una convulsión", "emergency_life"),
    ("está convulsionando", "emergency_life"),
    ("no para de sangrar", "emergency_life"),
    ("mi hijo tiene fiebre y está en quimio", "emergency_infection"),
    ("tiene 39 de fiebre", "emergency_infection"),
    ("se le salió el catéter", "emergency_device"),
    ("se tragó mis pastillas", "emergency_swallowed"),
    ("quiero morir", "crisis_suicide"),
    ("no quiero vivir", "crisis_suicide"),
    ("mi esposo me pega", "crisis_violence"),
    ("tengo miedo de lastimar a mi bebé", "crisis_harm_to_child"),
]

HARMLESS = [
    "¿qué es la fiebre?",
    "¿cuándo debo llamar por fiebre?",
    "¿puede causar convulsiones?",
    "hola, quiero hablar con una persona",
    "no tiene fiebre",
    "gracias por su ayuda",
]


@pytest.mark.parametrize(("text", "category"), FOUND)
def test_sign_is_found_and_answered_in_spanish(text, category):
    verdict = check(text)
    assert category in verdict.categories
    assert verdict.language == "es"
    assert all(reply.language == "es" for reply in reply_texts(verdict, "en"))


@pytest.mark.parametrize(("text", "category"), FOUND)
def test_accents_and_capitals_do_not_matter(text, category):
    plain = text.translate(str.maketrans("áéíóúñ", "aeioun"))
    assert category in check(plain).categories
    assert category in check(text.upper()).categories


@pytest.mark.parametrize("text", HARMLESS)
def test_question_raises_no_alarm(text):
    assert check(text).categories == ()

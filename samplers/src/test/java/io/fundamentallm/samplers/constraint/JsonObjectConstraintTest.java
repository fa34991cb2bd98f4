package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.samplers.constraint.schema.JsonValues;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectConstraintTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{ }", "{\"a\" : [1, {\"b\":null}], \"c\":\"\\u00e9\"}", "{\"\":-3.2e-932}"})
  void an_object_is_one(String text) {
    assertThat(Bound.accepts(Bound.bytes("json-object", ""), text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        "-3.2e-932",
        "\"a\"",
        "null",
        "[]",
        "[{}]",
        "",
        "{",
        " {}",
        "{}{}",
        "{  }",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1 ,  \"b\":2}"
      })
  void what_is_no_object_is_refused(String text) {
    assertThat(Bound.accepts(Bound.bytes("json-object", ""), text)).isFalse();
  }

  @Test
  void nothing_but_a_brace_begins_it() {
    TokenConstraint constraint = Bound.bytes("json-object", "");
    for (int token = 0; token < 258; token++) {
      assertThat(Bound.allows(constraint.mask(), token)).isEqualTo(token == '{');
    }
  }

  @Test
  void depth_counts_the_object_itself() {
    TokenConstraint flat = Bound.bytes("json-object", "", "max-depth", "1");
    assertThat(Bound.accepts(flat, "{\"a\":1}")).isTrue();
    assertThat(Bound.accepts(flat, "{\"a\":[]}")).isFalse();
    TokenConstraint two = Bound.bytes("json-object", "", "max-depth", "2");
    assertThat(Bound.accepts(two, "{\"a\":[1,2],\"b\":{}}")).isTrue();
    assertThat(Bound.accepts(two, "{\"a\":[[]]}")).isFalse();
    for (String depth : new String[] {"0", "-1", "501"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Samplers.parse("json-object(max-depth=" + depth + ")"))
          .withMessageContaining("max-depth")
          .withMessageContaining("[1, 250]");
    }
  }

  @Test
  void white_space_is_one_character_unless_more_is_asked_for() {
    String lines = "{\n    \"a\": 1\n}";
    assertThat(Bound.accepts(Bound.bytes("json-object", ""), lines)).isFalse();
    assertThat(Bound.accepts(Bound.bytes("json-object", "", "max-whitespace", "5"), lines))
        .isTrue();
    assertThat(Bound.accepts(Bound.bytes("json-object", "", "max-whitespace", "0"), "{\"a\": 1}"))
        .isFalse();
  }

  @Test
  void texts_of_tokens_drawn_at_random_are_objects() {
    Pieces pieces =
        Pieces.of("{", "}", "[", "]", "\"", ":", ",", " ", "1", "a", "true", "{\"", "\":", "\\n");
    TokenConstraint constraint =
        Bound.of(
            Bound.stage("json-object", "", "max-depth", "2"),
            pieces,
            pieces.end() + 1,
            pieces.end());
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      String text = RandomTexts.text(constraint, pieces, random);
      assertThat(JsonValues.read(text)).as(text).isInstanceOf(java.util.Map.class);
      String withoutStrings = text.replaceAll("\"(?:\\\\.|[^\"\\\\])*\"", "S");
      assertThat(withoutStrings).doesNotContain("  ");
    }
  }
}

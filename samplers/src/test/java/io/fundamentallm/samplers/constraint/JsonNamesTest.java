package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.samplers.constraint.automaton.CompiledConstraint;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.samplers.constraint.schema.JsonNotation;
import io.fundamentallm.samplers.constraint.schema.SchemaCompiler;
import io.fundamentallm.spi.SamplerStage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No object of a JSON text has a name twice. */
class JsonNamesTest {
  private static final JsonFactory STRICT =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** Few names, written in many ways, so that they meet again; tokens with names in them. */
  private static final Pieces PIECES =
      Pieces.of(
          "{",
          "}",
          "[",
          "]",
          "\"",
          ":",
          ",",
          " ",
          "1",
          "a",
          "b",
          "\\",
          "u",
          "0",
          "6",
          "<C3>",
          "<A9>",
          "\\u00e9",
          "\\u0061",
          "\\ud83d\\ude00",
          "😀",
          "\"a\"",
          "\":",
          "\":1",
          "\",\"",
          ",\"",
          "{\"a\":1,\"",
          "{\"a\":1,\"a\":",
          "a\":{\"a\":",
          "b\":1,\"b\"",
          "\\\"",
          "\\n",
          "\"a\":\"a\",\"a\"",
          "},\"a\":",
          "}}");

  private static List<TokenConstraint> objects() {
    return List.of(
        Bound.bytes("json", ""),
        Bound.bytes("json-schema", "{\"type\":\"object\"}"),
        Bound.bytes("json-schema", "true"),
        Bound.bytes(
            "json-schema", "{\"additionalProperties\":{\"type\":[\"integer\",\"object\"]}}"),
        Bound.bytes("json-schema", "{\"minProperties\":1,\"maxProperties\":4}"),
        Bound.bytes("json-schema", "{\"anyOf\":[{\"type\":\"object\"},{\"type\":\"null\"},true]}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"b\":2,\"a\":3}",
        "{\"\":1,\"\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"\\u0061\":1,\"a\":2}",
        "{\"\\u0061b\":1,\"a\\u0062\":2}",
        "{\"\\n\":1,\"\\u000A\":2}",
        "{\"\\/\":1,\"/\":2}",
        "{\"\\\"\\\\\":1,\"\\u0022\\u005c\":2}",
        "{\"é\":1,\"\\u00e9\":2}",
        "{\"€\":1,\"\\u20AC\":2}",
        "{\"😀\":1,\"\\ud83d\\uDE00\":2}",
        "{\"a\":{\"b\":1,\"b\":2}}",
        "{\"a\":{\"b\":1},\"a\":2}",
        "{\"x\":{\"a\":{}},\"a\":{},\"x\":{}}"
      })
  void a_name_that_was_is_never_completed(String text) {
    for (TokenConstraint constraint : objects()) {
      assertThat(Bound.accepts(constraint, text)).as(text).isFalse();
    }
    assertThat(Bound.accepts(Bound.bytes("json", ""), "[" + text + "]")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"b\":2}",
        "{\"a\":1,\"aa\":2,\"\":3}",
        "{\"aa\":1,\"a\":2,\"A\":3}",
        "{\"a\":1,\"\\\\u0061\":2}",
        "{\"\\ud83d\\ude00\":1,\"\\ud83d\\ude01\":2,\"\\ud83e\\ude00\":3}",
        "{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}",
        "{\"a \":1,\"a\":2}",
        "{\"u0061\":1,\"a\":2}"
      })
  void other_names_and_other_objects_are_free(String text) {
    for (TokenConstraint constraint : objects()) {
      assertThat(Bound.accepts(constraint, text)).as(text).isTrue();
    }
    String strings = "{\"a\":\"{\\\"a\\\":1,\",\"b\":[{\"a\":1},{\"a\":1},\"a\",\"a\"]}";
    assertThat(Bound.accepts(Bound.bytes("json", ""), strings)).isTrue();
  }

  @Test
  void described_and_additional_names_differ_too() {
    TokenConstraint both =
        Bound.bytes(
            "json-schema",
            "{\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"z\"],"
                + "\"additionalProperties\":{\"type\":\"integer\"}}");
    assertThat(Bound.accepts(both, "{\"a\":1,\"z\":1,\"b\":2,\"c\":3}")).isTrue();
    assertThat(Bound.accepts(both, "{\"a\":1,\"z\":1,\"b\":2,\"b\":3}")).isFalse();
    assertThat(Bound.accepts(both, "{\"a\":1,\"z\":1,\"a\":2}")).isFalse();
  }

  @Test
  void a_document_behind_thinking_is_followed_too() {
    TokenConstraint answer =
        Bound.bytes(
            "chat-answer",
            "{\"notation\":\"hermes\",\"thinking\":\"allowed\",\"schema\":{\"type\":\"object\"}}");
    assertThat(Bound.accepts(answer, "<think>{</think>{\"a\":1,\"b\":2}")).isTrue();
    assertThat(Bound.accepts(answer, "<think>{</think>{\"a\":1,\"a\":2}")).isFalse();
    assertThat(Bound.accepts(answer, "{\"a\":1,\"a\":2}")).isFalse();
  }

  /** Of each token, beside the same grammar without the rule and a parser that finds doubles. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"properties\":{\"a\":{\"type\":\"integer\"}}}",
        "{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"additionalProperties\":false}",
        "{\"const\":{\"a\":{\"b\":1}}}",
        "{\"type\":[\"string\",\"number\"]}"
      })
  void where_a_schema_gives_all_names_nobody_looks_for_doubles(String schema) {
    JsonNotation json = new JsonNotation(1, true);
    SchemaCompiler.compile(schema, json);
    assertThat(json.hasFreeNames()).isFalse();
    TokenConstraint constraint = Bound.bytes("json-schema", schema);
    assertThat(Bound.accepts(constraint, "{\"a\":1,\"a\":1}")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        "{\"type\":\"object\"}",
        "{\"required\":[\"a\"]}",
        "{\"properties\":{\"a\":{}}}",
        "{\"properties\":{\"a\":{\"type\":\"null\"}},\"additionalProperties\":{\"type\":\"null\"}}",
        "{\"type\":\"array\",\"items\":{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"object\"}]}}"
      })
  void where_a_text_may_choose_a_name_doubles_are_looked_for(String schema) {
    JsonNotation json = new JsonNotation(1, true);
    SchemaCompiler.compile(schema, json);
    assertThat(json.hasFreeNames()).isTrue();
  }

  @Test
  void a_mask_lacks_the_tokens_that_complete_a_name_again_and_no_others() {
    Random random = new Random(5);
    TokenConstraint names = bound(Bound.stage("json", "", "max-depth", "2"));
    int lacking = 0;
    for (int text = 0; text < 150; text++) {
      TokenConstraint with = names.fork();
      TokenConstraint without = withoutRule();
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int i = 0; i < 60; i++) {
        long[] mask = with.mask();
        long[] all = without.mask();
        for (int token = 0; token < PIECES.end(); token++) {
          boolean expected = Bound.allows(all, token) && !hasDouble(bytes, PIECES.bytes(token));
          assertThat(Bound.allows(mask, token))
              .as("token %d behind %s", token, bytes)
              .isEqualTo(expected);
          if (expected != Bound.allows(all, token)) {
            lacking++;
            int refused = token;
            assertThatExceptionOfType(ConstraintException.class)
                .isThrownBy(() -> with.accept(refused));
          }
        }
        int[] allowed =
            IntStream.range(0, PIECES.end()).filter(t -> Bound.allows(mask, t)).toArray();
        if (allowed.length == 0) {
          break;
        }
        int next = i == 0 ? 0 : allowed[random.nextInt(allowed.length)];
        with.accept(next);
        without.accept(next);
        bytes.writeBytes(PIECES.bytes(next));
      }
    }
    assertThat(lacking).isGreaterThan(100);
  }

  private static TokenConstraint bound(SamplerStage stage) {
    return Bound.of(stage, PIECES, PIECES.end() + 1, PIECES.end());
  }

  private static TokenConstraint withoutRule() {
    JsonNotation json = new JsonNotation(1, false);
    json.rules.put("root", json.value(2));
    return bound(CompiledConstraint.stage("json", TextGrammar.of(new Grammar(json.rules, "root"))));
  }

  private static boolean hasDouble(ByteArrayOutputStream text, byte[] more) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(text.toByteArray());
    all.writeBytes(more);
    try (JsonParser parser = STRICT.createParser(all.toByteArray())) {
      while (parser.nextToken() != null) {
        // to the end, or what is wrong before it
      }
      return false;
    } catch (IOException e) {
      return String.valueOf(e.getMessage()).contains("Duplicate");
    }
  }

  @Test
  void texts_of_tokens_drawn_at_random_have_no_double() throws IOException {
    Random random = new Random(7);
    TokenConstraint constraint = bound(Bound.stage("json", "", "max-depth", "2"));
    int members = 0;
    for (int i = 0; i < 300; i++) {
      String text = RandomTexts.text(constraint, PIECES, random);
      assertThat(hasDouble(new ByteArrayOutputStream(), text.getBytes(StandardCharsets.UTF_8)))
          .as(text)
          .isFalse();
      members += text.split(":").length - 1;
    }
    assertThat(members).isGreaterThan(300);
  }

  @Test
  void a_name_is_free_again_after_a_rollback_and_only_there() {
    TokenConstraint constraint = Bound.bytes("json", "");
    accept(constraint, "{\"a\":1,\"");
    TokenConstraint fork = constraint.fork();
    accept(constraint, "b\":1,\"b");
    assertThat(Bound.allows(constraint.mask(), '"')).isFalse();
    constraint.rollback("b\":1,\"b".length());
    accept(constraint, "b");
    assertThat(Bound.allows(constraint.mask(), '"')).isTrue();
    accept(fork, "a");
    assertThat(Bound.allows(fork.mask(), '"')).isFalse();
    assertThatExceptionOfType(ConstraintException.class)
        .isThrownBy(() -> fork.accept('"'))
        .withMessageContaining("which the constraint does not allow after the 9 tokens so far");
    accept(fork, "a\"");
  }

  @Test
  void tokens_that_no_text_goes_on_with_do_no_harm_behind_half_a_character() {
    Pieces pieces = Pieces.of("{\"a\":1,\"\\udbff", "\\u", "ffff\"", "-1\"", "d", "f", "a\"");
    TokenConstraint constraint =
        Bound.of(Bound.stage("json", ""), pieces, pieces.end() + 1, pieces.end());
    constraint.accept(0);
    constraint.accept(1);
    long[] mask = constraint.mask();
    assertThat(Bound.allows(mask, 4)).isTrue();
    assertThat(Bound.allows(mask, 2)).isFalse();
    assertThat(Bound.allows(mask, 3)).isFalse();
  }

  @Test
  void a_vocabulary_of_whole_names_that_are_used_up_is_an_error_that_says_so() {
    Pieces pieces = Pieces.of("{", "}", "\"x\"", ":", "1", ",");
    TokenConstraint constraint =
        Bound.of(Bound.stage("json", ""), pieces, pieces.end() + 1, pieces.end());
    for (int token : new int[] {0, 2, 3, 4, 5}) {
      constraint.accept(token);
    }
    assertThatExceptionOfType(ConstraintException.class)
        .isThrownBy(constraint::mask)
        .withMessageContaining("no token of the vocabulary")
        .withMessageContaining("name that it has");
  }

  @Test
  @Timeout(600)
  void ten_thousand_names_cost_no_more_each_than_the_first() {
    TokenConstraint constraint = Bound.bytes("json", "");
    accept(constraint, "{\"begin\":1");
    long[] before = constraint.mask();
    for (int i = 0; i < 10_000; i++) {
      accept(constraint, ",\"name " + i + "\":1");
      constraint.mask();
    }
    assertThat(constraint.mask()).isEqualTo(before);
    accept(constraint, ",\"name 5000");
    assertThat(Bound.allows(constraint.mask(), '"')).isFalse();
    accept(constraint, "0");
    assertThat(Bound.allows(constraint.mask(), '"')).isTrue();
  }

  private static void accept(TokenConstraint constraint, String text) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      constraint.accept(b & 0xFF);
    }
  }
}

package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.spi.SamplerStage;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Choices, JSON, grammars, and what holds for all constraints. */
class ConstraintsTest {
  @Test
  void a_choice_is_one_of_its_texts() {
    TokenConstraint constraint = Bound.bytes("choice", "yes|no|not sure|a\\|b\\\\| é");
    for (String text : List.of("yes", "no", "not sure", "a|b\\", " é")) {
      assertThat(Bound.accepts(constraint, text)).as(text).isTrue();
    }
    for (String text : List.of("", "n", "not", "yesno", "é")) {
      assertThat(Bound.accepts(constraint, text)).as(text).isFalse();
    }
  }

  @Test
  void a_text_that_is_complete_ends_before_the_fewest_tokens_too() {
    ByteTokenizer tokenizer = ByteTokenizer.withBeginAndEnd();
    ToyModel model =
        new ToyModel(ToyModel.info(258, 64).endTokens(Set.of(257)).build(), ToyModel.hashing());
    DecodingOptions options =
        DecodingOptions.builder()
            .tokenizer(tokenizer)
            .sampler(Samplers.parse("choice=\"yes|no\""))
            .minNewTokens(9)
            .build();
    for (String decoder : List.of("sampling", "speculative", "beam(width=3)")) {
      Generation generation = Decoders.parse(decoder).decode(model, new int[] {256}, options);
      assertThat(generation.text()).as(decoder).isIn("yes", "no");
      assertThat(generation.finishReason()).isEqualTo(FinishReason.END_TOKEN);
    }
  }

  @Test
  void a_generator_keeps_to_a_constraint_whatever_its_sampler_is() {
    ToyModel model =
        new ToyModel(ToyModel.info(258, 64).endTokens(Set.of(257)).build(), ToyModel.hashing());
    try (TextGenerator generator = TextGenerator.of(ByteTokenizer.withBeginAndEnd(), model)) {
      TextGenerator answering =
          generator.withConstraint("choice=\"yes|no\"").withSampler("temperature=1.5");
      for (String decoder : List.of("sampling", "speculative", "beam(width=3)")) {
        assertThat(answering.withDecoder(decoder).generate("is it so?")).isIn("yes", "no");
      }
    }
  }

  @Test
  void only_a_constraint_is_one() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.constraint("top-k=4"))
        .withMessageContaining("stage \"top-k\" is no constraint, as json-schema and regex are");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.constraint("json,greedy"))
        .withMessageContaining("expected one name with its options, not 2");
    assertThat(Samplers.constraint("json")).hasToString("json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a||b", "|a", "a|"})
  void a_choice_is_never_empty(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("choice", value))
        .withMessageContaining("none of them empty");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "0",
        "-1.5e+300",
        "\"\\u00e9\\/\"",
        "true",
        "null",
        "[1, [2, {\"a\" : null}]]",
        "{\"a\":{\"b\":[]}, \"b\": 1}",
        "[\n1,\t2\r]"
      })
  void any_json_document_is_json(String text) {
    assertThat(Bound.accepts(Bound.bytes("json", ""), text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "{", "01", "1.", ".5", "+1", "1e", "'a'", "[1,]", "{,}", "{a:1}", "tru", "\"\n\"",
        "\"\\x\"", "[1 2]", "{\"a\"}", "nulll"
      })
  void what_is_not_json_is_refused(String text) {
    assertThat(Bound.accepts(Bound.bytes("json", ""), text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "json-object"})
  void numbers_have_exponents_that_readers_take(String stage) {
    TokenConstraint json = Bound.bytes(stage, "");
    for (String number : List.of("1e999", "1.5E-999", "0e+0", "1".repeat(400))) {
      assertThat(Bound.accepts(json, "{\"a\":" + number + "}")).as(number).isTrue();
    }
    for (String number : List.of("1e1000", "1E-0000", "1e99999999999")) {
      assertThat(Bound.accepts(json, "{\"a\":" + number + "}")).as(number).isFalse();
    }
  }

  @Test
  void json_is_as_deep_as_it_may_be() {
    TokenConstraint shallow = Bound.bytes("json", "", "max-depth", "2");
    assertThat(Bound.accepts(shallow, "[{\"a\":1}]")).isTrue();
    assertThat(Bound.accepts(shallow, "[[[]]]")).isFalse();
    TokenConstraint flat = Bound.bytes("json", "", "max-depth", "0");
    assertThat(Bound.accepts(flat, "12")).isTrue();
    assertThat(Bound.accepts(flat, "[]")).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("json", "", "max-depth", "501"))
        .withMessageContaining("max-depth");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("json", "", "max-depth", "-1"))
        .withMessageContaining("max-depth");
  }

  @Test
  void a_grammar_in_the_notation_of_llama_cpp() {
    TokenConstraint chess =
        Bound.bytes(
            "grammar",
            """
            # moves, from llama.cpp's grammars/chess.gbnf
            root   ::= "1. " move " " move "\\n" ([1-9] [0-9]? ". " move " " move "\\n")*
            move   ::= (pawn | nonpawn | castle) [+#]?   # check or mate
            nonpawn ::= [NBKQR] [a-h]? [1-8]? "x"? [a-h] [1-8]
            pawn   ::= ([a-h] "x")? [a-h] [1-8] ("=" [NBKQR])?
            castle ::=
              "O-O"
              | "O-O-O"
            """);
    assertThat(Bound.accepts(chess, "1. e4 e5\n2. Nf3 exd5+\n")).isTrue();
    assertThat(Bound.accepts(chess, "1. O-O-O Kxa1#\n")).isTrue();
    assertThat(Bound.accepts(chess, "1. e9 e5\n")).isFalse();
    TokenConstraint others =
        Bound.bytes(
            "grammar",
            "root ::= \"\\x41\\u00e9\\U0001F600\" [^a-c\\]\\n] . (\"ab\"){2,3} [x-]{2} \"\"{0,3}");
    assertThat(Bound.accepts(others, "Aé😀d€ababx-")).isTrue();
    assertThat(Bound.accepts(others, "Aé😀]€ababx-")).isFalse();
    assertThat(Bound.accepts(others, "Aé😀d€abx-")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "x ::= \"a\" ~ there is no rule \"root\"",
        "root ::= x ~ uses \"x\", which is not defined",
        "root = \"a\" ~ ::= must follow",
        "root ::= \"a ~ without the one that ends it",
        "root ::= [a ~ an opening [ without a closing ]",
        "root ::= (\"a\" ~ an opening ( without a closing )",
        "root ::= \"a\") ~ a closing ) without an opening (",
        "root ::= [b-a] ~ upwards",
        "root ::= \"a\"{3,2} ~ minimum first",
        "root ::= \"a\"{x} ~ whole number",
        "root ::= \"\\q\" ~ escapes are",
        "root ::= <[12]> ~ angle brackets",
        "root ::= \"a\" % ~ unexpected character %; texts stand in double quotes",
      })
  void what_is_no_grammar_is_refused_with_its_place(String grammar, String expected) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("grammar", grammar))
        .withMessageContaining("stage \"grammar\"")
        .withMessageContaining(expected);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("grammar", "root ::= \"a\"\nroot ::= \"b\""))
        .withMessageContaining("line 2")
        .withMessageContaining("defined twice");
  }

  @Test
  void what_is_certain_is_taken_as_the_tokenizer_splits_it_but_for_the_last_token() {
    Pieces tokenizer =
        Pieces.of(
            "{", "\"", "{\"", "name", "na", "\":", "\": ", " ", ":", "12", "1", "2", "}", "me");
    TokenConstraint constraint =
        Bound.of(Bound.stage("regex", "\\{\"name\":[ 1]2?\\}"), tokenizer, 15, tokenizer.end());
    assertThat(constraint.forced()).isEqualTo(2); // {"
    constraint.accept(2);
    assertThat(constraint.forced()).isEqualTo(3); // name
    constraint.accept(3);
    // ": would be certain, but ": and a space may be one token
    assertThat(constraint.forced()).isEqualTo(-1);
    assertThat(Bound.allows(constraint.mask(), 5)).isTrue();
    assertThat(Bound.allows(constraint.mask(), 6)).isTrue();
    constraint.accept(6);
    assertThat(constraint.forced()).isEqualTo(-1);
    constraint.accept(11);
    assertThat(constraint.forced()).isEqualTo(12); // } ends the text
    constraint.accept(12);
    assertThat(constraint.forced()).isEqualTo(tokenizer.end());
    constraint.accept(tokenizer.end());
    assertThat(constraint.forced()).isEqualTo(-1);
    assertThatExceptionOfType(ConstraintException.class)
        .isThrownBy(constraint::mask)
        .withMessageContaining("nothing follows an end token");
    assertThatExceptionOfType(ConstraintException.class).isThrownBy(() -> constraint.accept(12));
  }

  @Test
  void a_first_token_that_loses_its_space_is_read_without_it() {
    Pieces tokenizer = new Pieces(List.of(Pieces.bytes(" a"), Pieces.bytes("a")), true);
    TokenConstraint constraint =
        Bound.of(Bound.stage("regex", "a( a)*"), tokenizer, 3, tokenizer.end());
    assertThat(constraint.mask()[0]).isEqualTo(0b011);
    constraint.accept(0);
    assertThat(constraint.mask()[0]).isEqualTo(0b101);
  }

  @Test
  void a_first_token_that_continues_a_prompt_keeps_its_space() {
    Pieces tokenizer = new Pieces(List.of(Pieces.bytes(" a"), Pieces.bytes("a")), true);
    ModelInfo info = ModelInfo.builder("test", 3, 16).endTokens(Set.of(tokenizer.end())).build();
    SamplerStage stage = Bound.stage("regex", " a( a)*");
    TokenConstraint constraint =
        ((SamplerStage.Constraining) stage).bind().apply(Binding.of(info, tokenizer).continuing());
    assertThat(constraint.mask()[0]).isEqualTo(0b001);
    TokenConstraint fork = constraint.fork();
    constraint.accept(0);
    assertThat(constraint.mask()[0]).isEqualTo(0b101);
    assertThat(fork.mask()[0]).isEqualTo(0b001);
  }

  @Test
  void without_an_end_token_a_complete_text_is_an_error_that_says_so() {
    TokenConstraint constraint = Bound.of(Bound.stage("choice", "ab"), Bound.BYTES, 258);
    constraint.accept('a');
    assertThat(constraint.forced()).isEqualTo('b');
    constraint.accept('b');
    assertThat(constraint.forced()).isEqualTo(-1);
    assertThatExceptionOfType(ConstraintException.class)
        .isThrownBy(constraint::mask)
        .withMessageContaining("no end token");
  }

  @Test
  void a_vocabulary_that_lacks_what_must_come_is_an_error_that_says_so() {
    Pieces tokenizer = Pieces.of("a", "b");
    TokenConstraint constraint =
        Bound.of(Bound.stage("regex", "a[cd]"), tokenizer, 3, tokenizer.end());
    constraint.accept(0);
    assertThatExceptionOfType(ConstraintException.class)
        .isThrownBy(constraint::mask)
        .withMessageContaining("no token of the vocabulary");
  }

  @Test
  void a_constraint_needs_a_tokenizer() {
    SamplerStage.Constraining stage = (SamplerStage.Constraining) Bound.stage("json", "");
    Binding binding = Binding.of(ModelInfo.builder("test", 258, 16).build());
    assertThatIllegalStateException()
        .isThrownBy(() -> stage.bind().apply(binding))
        .withMessageContaining("\"json\" needs a tokenizer");
  }

  @Test
  void a_model_with_fewer_logits_than_tokens_never_gets_the_others() {
    TokenConstraint constraint = Bound.of(Bound.stage("regex", "[a-z]*"), Bound.BYTES, 'c');
    assertThat(constraint.mask()).hasSize(2);
    assertThat(Bound.allows(constraint.mask(), 'b')).isTrue();
    assertThat(Bound.allows(constraint.mask(), 'c')).isFalse();
    assertThatExceptionOfType(ConstraintException.class).isThrownBy(() -> constraint.accept('c'));
  }
}

package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.OffsetUnit;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CharacterTokenizerTest {
  private static final String FACE = "\uD83D\uDE42";

  @Test
  void the_vocabulary_is_the_code_points_in_order_then_the_special_tokens() {
    Vocabulary vocabulary = Tokenizers.learn("character", "ba" + FACE, "\u00E9ab").vocabulary();
    assertThat(vocabulary.size()).isEqualTo(7);
    assertThat(vocabulary.token(0)).isEqualTo("a");
    assertThat(vocabulary.token(1)).isEqualTo("b");
    assertThat(vocabulary.token(2)).isEqualTo("\u00E9");
    assertThat(vocabulary.token(3)).isEqualTo(FACE);
    assertThat(vocabulary.token(4)).isEqualTo("<|begin|>");
    assertThat(vocabulary.bos()).hasValue(4);
    assertThat(vocabulary.eos()).hasValue(5);
    assertThat(vocabulary.pad()).hasValue(6);
    assertThat(vocabulary.unk()).isEmpty();
  }

  @Test
  void an_id_outside_the_vocabulary_is_named() {
    Tokenizer tokenizer = Tokenizers.learn("character(special=false)", "abc");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.decode(0, 3))
        .withMessage("token 3 is outside the vocabulary [0, 3)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.bytes(-1))
        .withMessage("token -1 is outside the vocabulary [0, 3)");
  }

  @Test
  void special_tokens_can_be_left_out() {
    Vocabulary plain = Tokenizers.learn("character(special=false)", "abc").vocabulary();
    assertThat(plain.size()).isEqualTo(3);
    assertThat(plain.special()).isEmpty();
    Vocabulary unk = Tokenizers.learn("character(special=false,unknown=unk)", "abc").vocabulary();
    assertThat(unk.size()).isEqualTo(4);
    assertThat(unk.unk()).hasValue(3);
    assertThat(unk.bos()).isEmpty();
  }

  @Test
  void an_unknown_character_is_an_error_that_names_it_its_index_and_the_way_out() {
    Tokenizer tokenizer = Tokenizers.learn("character", "abc");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("ab\u00E9c"))
        .withMessageContaining("U+00E9 (\u00E9)")
        .withMessageContaining("index 2")
        .withMessageContaining("unknown=unk")
        .withMessageContaining("unknown=skip");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("a" + FACE))
        .withMessageContaining("U+1F642")
        .withMessageContaining("index 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("a\uD83D"))
        .withMessageContaining("lone surrogate U+D83D")
        .withMessageContaining("index 1");
  }

  @Test
  void behind_special_tokens_and_in_long_texts_it_is_still_found() {
    Tokenizer tokenizer = Tokenizers.learn("character", "abc ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("\u00E9<|end|>", SpecialTokens.all()))
        .withMessageContaining("U+00E9 (\u00E9) at index 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("a<|end|>b\u00E9", SpecialTokens.all()))
        .withMessageContaining("U+00E9 (\u00E9) at index 9");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.count("abc ".repeat(50_000) + "x"))
        .withMessageContaining("U+0078 (x) at index 200000");
  }

  @Test
  void offsets_are_those_of_the_characters_also_where_some_are_left_out() {
    Tokenizer tokenizer = Tokenizers.learn("character(unknown=skip)", "abc");
    Encoding encoding =
        tokenizer.encode(
            "xa" + FACE + "b", EncodingOptions.builder().offsets(OffsetUnit.UTF16).build());
    assertThat(encoding.ids()).containsExactly(0, 1);
    assertThat(encoding.starts()).containsExactly(1, 4);
    assertThat(encoding.ends()).containsExactly(2, 5);
  }

  @Test
  void unk_stands_for_unknown_characters_one_for_each() {
    Tokenizer tokenizer = Tokenizers.learn("character(unknown=unk)", "abc");
    int unk = tokenizer.vocabulary().unk().orElseThrow();
    assertThat(tokenizer.encode("ax" + FACE + "\uD83Dc")).containsExactly(0, unk, unk, unk, 2);
    assertThat(tokenizer.decode(0, unk)).isEqualTo("a<|unk|>");
  }

  @Test
  void skip_leaves_unknown_characters_out() {
    Tokenizer tokenizer = Tokenizers.learn("character(unknown=skip)", "abc");
    assertThat(tokenizer.encode("xax" + FACE + "\uD83Dcx")).containsExactly(0, 2);
  }

  @Test
  void lone_surrogates_are_learned_and_encoded_as_the_replacement_character() {
    Tokenizer tokenizer = Tokenizers.learn("character(special=false)", "a\uD83D");
    assertThat(tokenizer.vocabulary().size()).isEqualTo(2);
    assertThat(tokenizer.encode("\uD83Da\uDE42\uFFFD")).containsExactly(1, 0, 1, 1);
  }

  @Test
  void look_alikes_of_special_tokens_are_characters_unless_allowed() {
    Tokenizer tokenizer = Tokenizers.learn("character", "<|begin|>end");
    int begin = tokenizer.vocabulary().bos().orElseThrow();
    assertThat(tokenizer.encode("<|begin|>")).hasSize(9).doesNotContain(begin);
    assertThat(tokenizer.encode("<|begin|>", SpecialTokens.all())).containsExactly(begin);
    assertThat(tokenizer.encode("<|begin|>", SpecialTokens.of("<|end|>"))).hasSize(9);
  }

  @Test
  void special_tokens_need_no_character_of_theirs_in_the_vocabulary() {
    Tokenizer tokenizer = Tokenizers.learn("character", "x");
    assertThat(tokenizer.encode("x<|end|>x", SpecialTokens.all())).containsExactly(0, 2, 0);
  }

  @Test
  void nothing_is_learned_from_nothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tokenizers.learn("character", ""))
        .withMessageContaining("empty");
    assertThatIllegalArgumentException().isThrownBy(() -> Tokenizers.learn("character"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"unknown=ignore", "unknown=UNK", "special=maybe", "policy=unk"})
  void a_wrong_option_is_an_error_that_names_what_is_accepted(String option) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tokenizers.learn("character(" + option + ")", "abc"))
        .withMessageContaining("character")
        .withMessageContaining(option.substring(0, option.indexOf('=')));
  }

  @Property
  void text_of_the_learned_alphabet_comes_back(@ForAll("texts") String learned, @ForAll long seed) {
    Tokenizer tokenizer = Tokenizers.learn("character", learned + "x");
    int[] alphabet = (learned + "x").codePoints().toArray();
    StringBuilder text = new StringBuilder();
    new java.util.Random(seed)
        .ints(50, 0, alphabet.length)
        .forEach(i -> text.appendCodePoint(alphabet[i]));
    int[] tokens = tokenizer.encode(text);
    assertThat(tokens).hasSize(50);
    assertThat(tokenizer.decode(tokens)).isEqualTo(text.toString());
  }

  @Property
  void every_code_point_becomes_one_token(@ForAll("anyTexts") String text) {
    Tokenizer unk = Tokenizers.learn("character(unknown=unk)", "abc\u00E9\u4E2D" + FACE);
    assertThat(unk.encode(text)).hasSize(text.codePointCount(0, text.length()));
    Tokenizer skip = Tokenizers.learn("character(unknown=skip)", "abc\u00E9\u4E2D" + FACE);
    long known =
        text.codePoints()
            .filter(c -> skip.vocabulary().id(Character.toString(c)).isPresent())
            .count();
    assertThat(skip.encode(text)).hasSize((int) known);
  }

  @Provide
  Arbitrary<String> texts() {
    return Texts.valid();
  }

  @Provide
  Arbitrary<String> anyTexts() {
    return Texts.any();
  }
}

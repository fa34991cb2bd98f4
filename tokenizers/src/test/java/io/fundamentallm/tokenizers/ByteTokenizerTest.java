package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ByteTokenizerTest {
  private final Tokenizer tokenizer = Tokenizers.learn("byte");

  @Test
  void the_id_of_a_byte_is_its_value() {
    assertThat(tokenizer.encode("Az\u00E9")).containsExactly('A', 'z', 0xC3, 0xA9);
    for (int b = 0; b < 256; b++) {
      assertThat(tokenizer.bytes(b)).containsExactly((byte) b);
    }
  }

  @Test
  void special_tokens_stand_behind_the_bytes() {
    assertThat(tokenizer.vocabulary().size()).isEqualTo(259);
    assertThat(tokenizer.vocabulary().bos()).hasValue(256);
    assertThat(tokenizer.vocabulary().eos()).hasValue(257);
    assertThat(tokenizer.vocabulary().pad()).hasValue(258);
    assertThat(tokenizer.vocabulary().unk()).isEmpty();
    assertThat(tokenizer.vocabulary().special()).containsExactly(256, 257, 258);
  }

  @Test
  void special_tokens_can_be_left_out() {
    Tokenizer plain = Tokenizers.learn("byte(special=false)");
    assertThat(plain.vocabulary().size()).isEqualTo(256);
    assertThat(plain.vocabulary().special()).isEmpty();
    assertThat(plain.vocabulary().bos()).isEmpty();
  }

  @Test
  void written_forms_are_those_of_gpt2() {
    assertThat(tokenizer.vocabulary().token('A')).isEqualTo("A");
    assertThat(tokenizer.vocabulary().token(' ')).isEqualTo("\u0120");
    assertThat(tokenizer.vocabulary().token('\n')).isEqualTo("\u010A");
    assertThat(tokenizer.vocabulary().token(0xAD)).isEqualTo("\u0143");
    assertThat(tokenizer.vocabulary().id("\u0120")).hasValue(' ');
  }

  @Test
  void lone_surrogates_become_the_replacement_character() {
    int[] replacement = {0xEF, 0xBF, 0xBD};
    assertThat(tokenizer.encode("\uD800")).containsExactly(replacement);
    assertThat(tokenizer.encode("\uDC00")).containsExactly(replacement);
    assertThat(tokenizer.decode(tokenizer.encode("\uDC00\uD83D\uD83D\uDE42\uD83D")))
        .isEqualTo("\uFFFD\uFFFD\uD83D\uDE42\uFFFD");
  }

  @Test
  void a_special_token_ends_a_surrogate_pair() {
    assertThat(tokenizer.encode("\uD83D<|end|>\uDE42", SpecialTokens.all()))
        .containsExactly(0xEF, 0xBF, 0xBD, 257, 0xEF, 0xBF, 0xBD);
  }

  @Test
  void only_allowed_special_tokens_stand_for_themselves() {
    String text = "<|begin|>a<|end|>";
    assertThat(tokenizer.encode(text)).hasSize(text.length());
    assertThat(tokenizer.encode(text, SpecialTokens.all())).containsExactly(256, 'a', 257);
    assertThat(tokenizer.encode(text, SpecialTokens.of("<|end|>")))
        .hasSize("<|begin|>a".length() + 1)
        .endsWith(257);
  }

  @Test
  void near_misses_of_special_tokens_are_text() {
    for (String text : new String[] {"<|end", "<|end|", "<|END|>", "<|end |>", "<<|en|>d|>"}) {
      assertThat(tokenizer.encode(text, SpecialTokens.all())).hasSize(text.length());
    }
    assertThat(tokenizer.encode("<|<|end|>", SpecialTokens.all())).containsExactly('<', '|', 257);
  }

  @Property
  void random_text_comes_back(@ForAll("texts") String text) {
    int[] tokens = tokenizer.encode(text);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertThat(tokens).hasSize(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      assertThat(tokens[i]).isEqualTo(Byte.toUnsignedInt(bytes[i]));
    }
    assertThat(tokenizer.decode(tokens)).isEqualTo(text);
    assertThat(tokenizer.encode(text, SpecialTokens.all())).isEqualTo(tokens);
  }

  @Property
  void text_with_special_tokens_comes_back(
      @ForAll("texts") String before, @ForAll("texts") String after) {
    String text = before + "<|end|>" + after + "<|begin|><|pad|>";
    int[] tokens = tokenizer.encode(text, SpecialTokens.all());
    assertThat(tokens).endsWith(256, 258).contains(257);
    assertThat(tokenizer.decode(tokens)).isEqualTo(text);
  }

  @Test
  void an_unknown_option_is_an_error_that_names_the_known_ones() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tokenizers.learn("byte(size=3)"))
        .withMessageContaining("size")
        .withMessageContaining("special");
  }

  @Provide
  Arbitrary<String> texts() {
    return Texts.valid();
  }
}

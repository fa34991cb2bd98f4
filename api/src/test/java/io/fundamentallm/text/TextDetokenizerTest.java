package io.fundamentallm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.text.DetokenizerOptions.Malformed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TextDetokenizerTest {
  private static final Tokenizer BYTES = ByteTokenizer.plain();
  private static final DetokenizerOptions PLAIN = DetokenizerOptions.plain();
  private static final DetokenizerOptions IGNORE = PLAIN.withMalformed(Malformed.IGNORE);
  private static final DetokenizerOptions REPORT = PLAIN.withMalformed(Malformed.REPORT);

  @Test
  void a_code_point_appears_with_its_last_byte() {
    Detokenizer detokenizer = BYTES.detokenizer();
    assertThat(detokenizer.append('a')).isEqualTo("a");
    assertThat(detokenizer.append(0xF0)).isEmpty();
    assertThat(detokenizer.append(0x9F)).isEmpty();
    assertThat(detokenizer.append(0x99)).isEmpty();
    assertThat(detokenizer.append(0x82)).isEqualTo("\uD83D\uDE42");
    assertThat(detokenizer.finish()).isEmpty();
  }

  @Test
  void what_cannot_become_a_code_point_any_more_is_replaced_at_once() {
    Detokenizer detokenizer = BYTES.detokenizer();
    assertThat(detokenizer.append(0xE2)).isEmpty();
    assertThat(detokenizer.append('a')).isEqualTo("\uFFFDa");
    assertThat(detokenizer.append(0x80)).isEqualTo("\uFFFD");
    assertThat(detokenizer.append(0xFF)).isEqualTo("\uFFFD");
  }

  @Test
  void an_incomplete_code_point_is_replaced_at_the_end() {
    Detokenizer detokenizer = BYTES.detokenizer();
    detokenizer.append(0xE2);
    detokenizer.append(0x82);
    assertThat(detokenizer.finish()).isEqualTo("\uFFFD");
  }

  /** The example of the Unicode Standard 3.9, table 3-11, and encoded surrogates of table 3-9. */
  @Test
  void maximal_subparts_are_replaced_as_the_unicode_standard_says() {
    assertThat(BYTES.decode(0xE1, 0x80, 0xE2, 0xF0, 0x91, 0x92, 0xF1, 0xBF, 0x41))
        .isEqualTo("\uFFFD\uFFFD\uFFFD\uFFFDA");
    assertThat(BYTES.decode(0xED, 0xA0, 0x80, 0xED, 0xBF, 0xBF, 0xED, 0xAF, 0x41))
        .isEqualTo("\uFFFD".repeat(8) + "A");
    assertThat(BYTES.decode(0xED, 0xA0)).isEqualTo("\uFFFD\uFFFD");
  }

  @Property(tries = 2000)
  void bytes_without_surrogates_decode_as_the_platform_decodes_them(
      @ForAll @Size(max = 24) byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = bytes[i] == (byte) 0xED ? (byte) 0xEE : bytes[i];
    }
    assertThat(BYTES.decode(ids(bytes))).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
  }

  @Property(tries = 1000)
  void ignoring_leaves_out_what_replacing_replaces(@ForAll @Size(max = 24) byte[] bytes) {
    assertThat(BYTES.decode(ids(bytes), IGNORE))
        .isEqualTo(BYTES.decode(ids(bytes)).replace("\uFFFD", ""));
  }

  @Test
  void reporting_says_at_which_token_and_takes_nothing() {
    Detokenizer detokenizer = BYTES.detokenizer(REPORT);
    assertThat(detokenizer.append('a')).isEqualTo("a");
    assertThat(detokenizer.append(0xC3)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> detokenizer.append('b'))
        .withMessage("token 98 at index 2 makes malformed UTF-8");
    assertThat(detokenizer.append(0xA9)).isEqualTo("\u00E9");
    detokenizer.append(0xC3);
    assertThatIllegalArgumentException()
        .isThrownBy(detokenizer::finish)
        .withMessage("malformed UTF-8: the tokens end within a character, after index 3");
    detokenizer.rollback(1);
    assertThat(detokenizer.finish()).isEmpty();
  }

  @Test
  void skipped_tokens_do_not_come_between_the_bytes_of_a_character() {
    Tokenizer specials = ByteTokenizer.withBeginAndEnd();
    int[] tokens = {256, 'a', 0xC3, 257, 0xA9, 257};
    assertThat(specials.decode(tokens, PLAIN.withSkipSpecialTokens(true))).isEqualTo("a\u00E9");
    assertThat(specials.decode(tokens)).isEqualTo("<s>a\uFFFD</s>\uFFFD</s>");
  }

  @Test
  void skipped_tokens_are_not_the_previous_one() {
    Tokenizer spaced = new Spaced(ByteTokenizer.withBeginAndEnd());
    int[] tokens = {256, 'a', 257, 'b', 'a'};
    assertThat(spaced.decode(tokens)).isEqualTo("<s> a </s> b a");
    assertThat(spaced.decode(tokens, PLAIN.withSkipSpecialTokens(true))).isEqualTo("a b a");
  }

  @Test
  void without_skipping_control_tokens_are_written() {
    assertThat(ByteTokenizer.withBeginAndEnd().decode(256, 'a')).isEqualTo("<s>a");
  }

  @Property(tries = 500)
  void pieces_forks_and_rollbacks_give_what_decode_gives_with_any_options(
      @ForAll @Size(max = 16) byte[] bytes,
      @ForAll @Size(max = 6) byte[] others,
      @ForAll boolean skip,
      @ForAll boolean graphemes,
      @ForAll boolean cleanUp,
      @ForAll boolean frequent) {
    DetokenizerOptions options =
        new DetokenizerOptions(
            skip, graphemes, cleanUp, graphemes ? Malformed.IGNORE : Malformed.REPLACE);
    int[] tokens = frequent ? frequent(bytes) : ids(bytes);
    int[] wrong = frequent ? frequent(others) : ids(others);
    Tokenizer tokenizer = ByteTokenizer.withBeginAndEnd();
    Detokenizer plain = tokenizer.detokenizer(options);
    Detokenizer disturbed = tokenizer.detokenizer(options);
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      for (int other : wrong) {
        disturbed.append(other);
      }
      Detokenizer left = disturbed;
      disturbed = disturbed.fork();
      left.append('x');
      disturbed.rollback(wrong.length);
      String piece = disturbed.append(token);
      assertThat(piece).isEqualTo(plain.append(token));
      text.append(piece);
    }
    assertThat(text.append(disturbed.finish()).toString())
        .isEqualTo(tokenizer.decode(tokens, options));
  }

  /** What meets the layers' cases more often than any bytes: parts of emoji, spaces, specials. */
  private static int[] frequent(byte[] bytes) {
    List<Integer> ids = new ArrayList<>();
    String[] parts = {" ", "'", " n't", "e\u0301", "\uD83D\uDC69", "\u200D", "\r", "\n", "."};
    for (byte b : bytes) {
      int choice = (b & 0xFF) % (parts.length + 2);
      if (choice < parts.length) {
        for (int id : ids(parts[choice].getBytes(StandardCharsets.UTF_8))) {
          ids.add(id);
        }
      } else {
        ids.add(choice == parts.length ? 257 : 0xE2);
      }
    }
    return ids.stream().mapToInt(id -> id).toArray();
  }

  private static int[] ids(byte[] bytes) {
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = bytes[i] & 0xFF;
    }
    return ids;
  }

  /** Spaces between tokens, as SentencePiece decodes. */
  private record Spaced(ByteTokenizer letters) implements Tokenizer {
    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      return letters.encode(text, allowed);
    }

    @Override
    public byte[] bytes(int token) {
      return letters.bytes(token);
    }

    @Override
    public byte[] bytes(int token, int previous) {
      String letter = letters.decode(token);
      return (previous < 0 ? letter : " " + letter).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Vocabulary vocabulary() {
      return letters.vocabulary();
    }

    @Override
    public void save(Path modelDirectory) throws IOException {
      letters.save(modelDirectory);
    }
  }
}

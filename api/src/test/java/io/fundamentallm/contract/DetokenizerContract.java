package io.fundamentallm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.text.Detokenizer;
import io.fundamentallm.text.DetokenizerOptions;
import io.fundamentallm.text.DetokenizerOptions.Malformed;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** How tokens become text again, at once and as a stream. */
abstract class DetokenizerContract extends TokenizerBench {
  private static final DetokenizerOptions PLAIN = DetokenizerOptions.plain();

  @Test
  void the_pieces_of_a_detokenizer_are_the_decoded_text() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      int[] tokens = tokenizer.encode(text);
      assertThat(joined(tokenizer.detokenizer(), tokens)).isEqualTo(tokenizer.decode(tokens));
    }
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      int[] tokens = random.ints(20, 0, tokenizer.vocabulary().size()).toArray();
      assertThat(joined(tokenizer.detokenizer(), tokens)).isEqualTo(tokenizer.decode(tokens));
    }
  }

  @Test
  void a_detokenizer_never_emits_half_a_code_point() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      Detokenizer detokenizer = tokenizer.detokenizer();
      long replaced = text.chars().filter(c -> c == '\uFFFD').count();
      for (int token : tokenizer.encode(text)) {
        String piece = detokenizer.append(token);
        replaced -= piece.chars().filter(c -> c == '\uFFFD').count();
        assertThat(piece.codePoints()).noneMatch(c -> c >= 0xD800 && c <= 0xDFFF);
      }
      assertThat(replaced).as("replacement characters in %s", text).isNotNegative();
      assertThat(detokenizer.finish()).isEmpty();
    }
  }

  @Test
  void a_detokenizer_forks_and_rolls_back_at_every_token() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      int[] tokens = tokenizer.encode(beginning(text));
      int[] others = tokenizer.encode(texts().get(texts().size() - 1));
      for (int cut = 0; cut <= tokens.length; cut++) {
        int[] rest = Arrays.copyOfRange(tokens, cut, tokens.length);
        Detokenizer detokenizer = tokenizer.detokenizer();
        for (int i = 0; i < cut; i++) {
          detokenizer.append(tokens[i]);
        }
        Detokenizer fork = detokenizer.fork();
        String expected = joined(detokenizer.fork(), rest);
        int taken = Math.min(3, others.length);
        for (int i = 0; i < taken; i++) {
          detokenizer.append(others[i]);
        }
        assertThat(joined(fork, rest)).isEqualTo(expected);
        detokenizer.rollback(taken);
        assertThat(joined(detokenizer, rest)).isEqualTo(expected);
      }
    }
  }

  @Test
  void a_detokenizer_rolls_back_no_further_than_its_beginning() throws IOException {
    Detokenizer detokenizer = tokenizer().detokenizer();
    detokenizer.append(firstPlain(tokenizer()));
    assertThatIllegalArgumentException().isThrownBy(() -> detokenizer.rollback(2));
    assertThatIllegalArgumentException().isThrownBy(() -> detokenizer.rollback(-1));
  }

  @Test
  void with_any_options_the_pieces_are_the_decoded_text_and_roll_back() throws IOException {
    Tokenizer tokenizer = tokenizer();
    Random random = new Random(8);
    for (DetokenizerOptions options : allOptions()) {
      for (int[] tokens : manyTokens(tokenizer, random)) {
        Detokenizer detokenizer = tokenizer.detokenizer(options);
        StringBuilder text = new StringBuilder();
        for (int token : tokens) {
          detokenizer.append(firstPlain(tokenizer));
          detokenizer.append(token);
          detokenizer.rollback(2);
          text.append(detokenizer.append(token));
        }
        text.append(detokenizer.finish());
        assertThat(text.toString()).as("%s", options).isEqualTo(tokenizer.decode(tokens, options));
      }
    }
  }

  @Test
  void skipped_special_tokens_leave_the_text_as_without_them() throws IOException {
    Tokenizer tokenizer = tokenizer();
    Set<Integer> special = tokenizer.vocabulary().special();
    assumeTrue(!special.isEmpty(), "there are no special tokens");
    DetokenizerOptions skipping = PLAIN.withSkipSpecialTokens(true);
    for (String text : texts()) {
      int[] tokens = tokenizer.encode(beginning(text));
      int[] mixed = new int[2 * tokens.length + 1];
      int next = 0;
      for (int i = 0; i < mixed.length; i++) {
        mixed[i] = i % 2 == 0 ? special.iterator().next() : tokens[next++];
      }
      assertThat(tokenizer.decode(mixed, skipping)).isEqualTo(tokenizer.decode(tokens));
    }
  }

  @Test
  void a_character_of_several_code_points_is_not_cut_when_told_to_wait() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      int[] tokens = tokenizer.encode(text);
      String decoded = tokenizer.decode(tokens);
      Set<Integer> borders = new HashSet<>(Set.of(0));
      Pattern.compile("\\X").matcher(decoded).results().forEach(x -> borders.add(x.end()));
      Detokenizer detokenizer = tokenizer.detokenizer(PLAIN.withWholeGraphemes(true));
      StringBuilder pieces = new StringBuilder();
      for (int token : tokens) {
        pieces.append(detokenizer.append(token));
        assertThat(borders).contains(pieces.length());
      }
      assertThat(pieces + detokenizer.finish()).isEqualTo(decoded);
    }
  }

  @Test
  void malformed_bytes_are_replaced_left_out_or_reported() throws IOException {
    Tokenizer tokenizer = tokenizer();
    DetokenizerOptions ignoring = PLAIN.withMalformed(Malformed.IGNORE);
    DetokenizerOptions reporting = PLAIN.withMalformed(Malformed.REPORT);
    for (int[] tokens : manyTokens(tokenizer, new Random(9))) {
      String replaced = tokenizer.decode(tokens);
      String ignored = tokenizer.decode(tokens, ignoring);
      assertThat(ignored.replace("\uFFFD", "")).isEqualTo(replaced.replace("\uFFFD", ""));
      if (ignored.equals(replaced)) {
        assertThat(tokenizer.decode(tokens, reporting)).isEqualTo(replaced);
      } else {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> tokenizer.decode(tokens, reporting))
            .withMessageMatching("(?s).*\\d.*"); // it says at which token
      }
    }
  }

  /** Of each text, cut off early too, and random ones, which are seldom well-formed. */
  private List<int[]> manyTokens(Tokenizer tokenizer, Random random) {
    List<int[]> many = new ArrayList<>();
    for (String text : texts()) {
      int[] tokens = tokenizer.encode(beginning(text));
      many.add(tokens);
      many.add(Arrays.copyOf(tokens, tokens.length * 2 / 3));
    }
    for (int i = 0; i < 50; i++) {
      many.add(random.ints(12, 0, tokenizer.vocabulary().size()).toArray());
    }
    return many;
  }

  private static List<DetokenizerOptions> allOptions() {
    List<DetokenizerOptions> all = new ArrayList<>();
    for (int bits = 0; bits < 16; bits++) {
      Malformed malformed = (bits & 8) == 0 ? Malformed.REPLACE : Malformed.IGNORE;
      all.add(new DetokenizerOptions((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, malformed));
    }
    return all;
  }
}

package io.fundamentallm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link Tokenizer} promises. */
public abstract class TokenizerContract extends EncodingContract {
  /** For the contract's subclasses. */
  protected TokenizerContract() {}

  @Test
  void texts_come_back_as_they_were() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }
  }

  @Test
  void any_char_sequence_encodes_like_its_string() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      assertThat(tokenizer.encode(CharBuffer.wrap(text))).isEqualTo(tokenizer.encode(text));
    }
  }

  @Test
  void the_bytes_of_the_tokens_are_the_text_in_utf8() throws IOException {
    assumeTrue(bytesAreTheText(), "decoding changes white space");
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int token : tokenizer.encode(text)) {
        bytes.writeBytes(tokenizer.bytes(token));
      }
      assertThat(bytes.toByteArray()).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void bytes_are_a_fresh_array() throws IOException {
    Tokenizer tokenizer = tokenizer();
    int token = firstPlain(tokenizer);
    byte[] bytes = tokenizer.bytes(token);
    byte[] before = bytes.clone();
    Arrays.fill(bytes, (byte) 0x7F);
    assertThat(tokenizer.bytes(token)).isEqualTo(before);
  }

  @Test
  void ids_lie_in_the_vocabulary() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      for (int token : tokenizer.encode(text)) {
        assertThat(token).isBetween(0, tokenizer.vocabulary().size() - 1);
      }
    }
  }

  @Test
  void ids_outside_the_vocabulary_are_refused() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (int id : new int[] {-1, tokenizer.vocabulary().size(), Integer.MAX_VALUE}) {
      assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.bytes(id));
      assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.decode(id));
      assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.detokenizer().append(id));
      assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.vocabulary().token(id));
    }
  }

  @Test
  void ids_and_written_forms_agree() throws IOException {
    Vocabulary vocabulary = tokenizer().vocabulary();
    for (int id = 0; id < vocabulary.size(); id++) {
      assertThat(vocabulary.id(vocabulary.token(id))).hasValue(id);
    }
    assertThat(vocabulary.id("no token is written like this \uFDD0")).isEmpty();
  }

  @Test
  void control_tokens_are_special_ids_of_the_vocabulary() throws IOException {
    Vocabulary vocabulary = tokenizer().vocabulary();
    for (OptionalInt token : List.of(vocabulary.bos(), vocabulary.eos(), vocabulary.pad())) {
      token.ifPresent(id -> assertThat(vocabulary.special()).contains(id));
    }
    vocabulary.unk().ifPresent(id -> assertThat(id).isBetween(0, vocabulary.size() - 1));
    assertThat(vocabulary.special()).allMatch(id -> id >= 0 && id < vocabulary.size());
  }

  @Test
  void look_alikes_of_special_tokens_are_plain_text() throws IOException {
    assumeTrue(encodesEveryText(), "look-alikes may hold characters that are refused");
    Tokenizer tokenizer = tokenizer();
    assumeTrue(!tokenizer.vocabulary().special().isEmpty(), "there are no special tokens");
    for (int id : tokenizer.vocabulary().special()) {
      String written = tokenizer.vocabulary().token(id);
      for (SpecialTokens allowed :
          List.of(SpecialTokens.none(), SpecialTokens.of("another token"))) {
        int[] tokens = tokenizer.encode("a" + written + "b", allowed);
        assertThat(tokens).doesNotContain(id);
        assertThat(tokenizer.decode(tokens)).isEqualTo("a" + written + "b");
      }
      assertThat(tokenizer.encode(written)).doesNotContain(id);
    }
  }

  @Test
  void allowed_special_tokens_stand_for_themselves() throws IOException {
    Tokenizer tokenizer = tokenizer();
    assumeTrue(!tokenizer.vocabulary().special().isEmpty(), "there are no special tokens");
    for (int id : tokenizer.vocabulary().special()) {
      String written = tokenizer.vocabulary().token(id);
      assertThat(tokenizer.encode(written, SpecialTokens.all())).containsExactly(id);
      assertThat(tokenizer.encode(written + written, SpecialTokens.of(written)))
          .containsExactly(id, id);
      assertThat(tokenizer.decode(id)).isEqualTo(written);
    }
  }

  @Test
  void encoding_allows_no_special_tokens_unless_told() throws IOException {
    Tokenizer tokenizer = tokenizer();
    for (String text : texts()) {
      assertThat(tokenizer.encode(text)).isEqualTo(tokenizer.encode(text, SpecialTokens.none()));
    }
  }

  @Test
  void lone_surrogates_encode_as_the_replacement_character() throws IOException {
    assumeTrue(encodesEveryText(), "the replacement character may be refused");
    Tokenizer tokenizer = tokenizer();
    int[] expected = tokenizer.encode("a\uFFFDb");
    String rule =
        "half a surrogate pair is encoded like U+FFFD, in UTF-8 the bytes EF BF BD; String.getBytes"
            + " would write '?'";
    assertThat(tokenizer.encode("a\uD83Db")).as(rule).isEqualTo(expected);
    assertThat(tokenizer.encode("a\uDE42b")).as(rule).isEqualTo(expected);
    assertThat(tokenizer.encode("\uD83D")).as(rule).isEqualTo(tokenizer.encode("\uFFFD"));
  }

  @Test
  void surrogate_pairs_come_back_wherever_they_stand() throws IOException {
    assumeTrue(encodesEveryText(), "the characters may be refused");
    Tokenizer tokenizer = tokenizer();
    for (int before = 0; before < 16; before++) { // a rule may cut after so many
      String text = "a".repeat(before) + "\uD83D\uDE42b";
      assertThat(tokenizer.decode(tokenizer.encode(text)))
          .as("a surrogate pair after %s characters", before)
          .isEqualTo(text);
    }
  }

  @Test
  void a_saved_tokenizer_reloads_as_the_same(@TempDir Path directory) throws IOException {
    Tokenizer tokenizer = tokenizer();
    tokenizer.save(directory);
    Tokenizer reloaded = reload(directory);
    Vocabulary expected = tokenizer.vocabulary();
    Vocabulary actual = reloaded.vocabulary();
    assertThat(actual.size()).isEqualTo(expected.size());
    for (int id = 0; id < expected.size(); id++) {
      assertThat(actual.token(id)).isEqualTo(expected.token(id));
      assertThat(reloaded.bytes(id)).isEqualTo(tokenizer.bytes(id));
    }
    assertThat(actual.special()).isEqualTo(expected.special());
    assertThat(List.of(actual.bos(), actual.eos(), actual.pad(), actual.unk()))
        .isEqualTo(List.of(expected.bos(), expected.eos(), expected.pad(), expected.unk()));
    for (String text : texts()) {
      assertThat(reloaded.encode(text)).isEqualTo(tokenizer.encode(text));
    }
  }

  @Test
  void many_threads_get_the_same_ids()
      throws IOException, InterruptedException, ExecutionException {
    Tokenizer tokenizer = tokenizer();
    List<int[]> expected = texts().stream().map(tokenizer::encode).toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        results.add(
            threads.submit(
                () -> {
                  for (int round = 0; round < 50; round++) {
                    int text = round % expected.size();
                    int[] tokens = tokenizer.encode(texts().get(text));
                    assertThat(tokens).isEqualTo(expected.get(text));
                    assertThat(tokenizer.decode(tokens)).isEqualTo(texts().get(text));
                  }
                }));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}

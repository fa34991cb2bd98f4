package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.OffsetUnit;
import io.fundamentallm.text.Tokenizer;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids do not depend on threads, nor on the Java version. */
class ThreadsTest {
  private static final int THREADS = 8;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bpe(vocab-size=400)",
        "bpe(vocab-size=400,pattern=o200k)",
        "bpe(vocab-size=380,byte-level=false,limit-alphabet=60)",
        "unigram(vocab-size=150)",
        "wordpiece(vocab-size=200)"
      })
  void ids_are_the_same_from_one_and_from_many_threads(String spec) throws Exception {
    List<String> texts = texts(new Random(5), 400);
    List<int[]> expected = new ArrayList<>();
    Tokenizer alone = learn(spec);
    texts.forEach(text -> expected.add(alone.encode(text)));
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      for (int round = 0; round < 5; round++) {
        // a fresh one, so that all meet at its first use
        Tokenizer shared = learn(spec);
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<Future<List<int[]>>> results = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
          List<Integer> order = new ArrayList<>();
          for (int i = 0; i < texts.size(); i++) {
            order.add(i);
          }
          Collections.shuffle(order, new Random(100L * round + thread / 2));
          results.add(
              pool.submit(
                  () -> {
                    start.await();
                    List<int[]> ids = new ArrayList<>(Collections.nCopies(texts.size(), null));
                    order.forEach(i -> ids.set(i, shared.encode(texts.get(i))));
                    return ids;
                  }));
        }
        for (Future<List<int[]>> result : results) {
          for (int i = 0; i < texts.size(); i++) {
            assertThat(result.get().get(i)).as(texts.get(i)).isEqualTo(expected.get(i));
          }
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bpe(vocab-size=400)", "unigram(vocab-size=150)"})
  void a_batch_is_its_texts_one_by_one(String spec) {
    List<String> texts = texts(new Random(6), 3000);
    EncodingOptions options =
        EncodingOptions.builder().offsets(OffsetUnit.UTF16).addSpecialTokens(true).build();
    List<Encoding> batch = learn(spec).encodeAll(texts, options);
    Tokenizer alone = learn(spec);
    assertThat(batch).hasSameSizeAs(texts);
    for (int i = 0; i < texts.size(); i++) {
      Encoding one = alone.encode(texts.get(i), options);
      assertThat(batch.get(i).ids()).isEqualTo(one.ids());
      assertThat(batch.get(i).starts()).isEqualTo(one.starts());
      assertThat(batch.get(i).ends()).isEqualTo(one.ends());
    }
  }

  /** The digests were made once; each Java version that runs the tests must come to the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bpe(vocab-size=400)|52f17fed4d80c76589cfbea611f765b1bf6476ef724bd5caf0bd6d1a56074587",
        "bpe(vocab-size=400,pattern=o200k)|f4c7c52edc3a4263ca4a998b9f415a2ad15a0e5d27b249a9627a9980a45b3290",
        "unigram(vocab-size=150)|01382fadeb86cfdf41896c85fd29f8ec80f88da444828b46d260949bec8c0a80",
        "wordpiece(vocab-size=200)|e2a62965d0b889fda745530a0a015c9d6ddfa017b6642569d0fafa50398217a3",
      })
  void ids_are_those_of_every_other_java_version(String spec, String digest) {
    Tokenizer tokenizer = learn(spec);
    MessageDigest sha256 = sha256();
    for (String text : texts(new Random(7), 2000)) {
      int[] ids = tokenizer.encode(text);
      ByteBuffer bytes = ByteBuffer.allocate(4 * ids.length + 4);
      bytes.asIntBuffer().put(ids).put(-1);
      sha256.update(bytes);
    }
    assertThat(HexFormat.of().formatHex(sha256.digest())).isEqualTo(digest);
  }

  @Test
  void the_texts_have_characters_of_which_java_versions_think_differently() {
    String all = String.join("", texts(new Random(7), 2000));
    assertThat(all.codePoints().anyMatch(c -> c >= 0x31350 && c < 0x323B0))
        .as("ideographs of Unicode 15, which Java 17 does not know")
        .isTrue();
  }

  private static Tokenizer learn(String spec) {
    return Tokenizers.learn(spec, LearnedKinds.TEXTS, LearnedKinds.REGISTRY);
  }

  private static List<String> texts(Random random, int count) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int left = random.nextInt(30); left > 0; left--) {
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> text.append(WORDS.get(random.nextInt(WORDS.size())));
          case 3 -> text.append(' ');
          case 4 -> text.append((char) ('a' + random.nextInt(26)));
          case 5 -> text.append(random.nextInt(1000));
          case 6 -> text.appendCodePoint(0x31350 + random.nextInt(0x1060));
          default -> text.appendCodePoint(0x80 + random.nextInt(0xD780));
        }
      }
      texts.add(text.toString());
    }
    return texts;
  }

  private static final List<String> WORDS =
      List.of(" truth", "lowest", " widest", "universally", " a", "\n", ", ", "newest", "Fortune");

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}

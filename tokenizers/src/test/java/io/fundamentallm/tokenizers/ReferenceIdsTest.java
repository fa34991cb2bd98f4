package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.OffsetUnit;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids equal those of tiktoken and of Hugging Face's tokenizers, text by text. */
class ReferenceIdsTest {
  @TempDir Path directory;

  private Tokenizer load(String name) throws IOException {
    return Tokenizers.load(Golden.files(name, directory), Registry.of(getClass().getClassLoader()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"r50k_base", "cl100k_base", "o200k_base"})
  void ids_are_tiktokens(String name) throws IOException {
    Tokenizer tokenizer = load(name);
    int[] counts = new int[2];
    Golden.vectors(
        name,
        vector -> {
          assertThat(tokenizer.encode(vector.text()))
              .as("%s, text %d, %s", name, vector.id(), vector.category())
              .isEqualTo(vector.ids());
          counts[0]++;
          int[] special = vector.special() == null ? vector.ids() : vector.special();
          assertThat(tokenizer.encode(vector.text(), SpecialTokens.all()))
              .as("%s, text %d, special tokens allowed", name, vector.id())
              .isEqualTo(special);
          counts[1] += vector.special() == null ? 0 : 1;
        });
    System.out.printf(
        "%s: %d texts as tiktoken, %d of them with special tokens%n", name, counts[0], counts[1]);
    assertThat(counts[0]).isEqualTo(2215);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.tokenizers.Golden#huggingFace")
  void ids_are_hugging_faces(String name) throws IOException {
    Path files = Golden.files(name, directory);
    if (name.equals("deepseek_v3")) {
      // its switch puts a begin token before a text, and the reference was made without
      Files.delete(files.resolve("tokenizer_config.json"));
    }
    Tokenizer tokenizer = Tokenizers.load(files, Registry.of(getClass().getClassLoader()));
    EncodingOptions around =
        EncodingOptions.builder()
            .allowed(SpecialTokens.all())
            .addSpecialTokens(true)
            .offsets(OffsetUnit.UTF16)
            .build();
    int[] counts = new int[2];
    Golden.vectors(
        name,
        vector -> {
          assertThat(tokenizer.encode(vector.text(), SpecialTokens.all()))
              .as("%s, text %d, %s", name, vector.id(), vector.category())
              .isEqualTo(vector.ids());
          counts[0]++;
          int[] post = vector.post() == null ? vector.ids() : vector.post();
          assertThat(tokenizer.encode(vector.text(), around).ids())
              .as("%s, text %d, with post-processor", name, vector.id())
              .isEqualTo(post);
          counts[1] += vector.post() == null ? 0 : 1;
        });
    System.out.printf(
        "%s: %d texts as Hugging Face, %d of them with a post-processor of their own%n",
        name, counts[0], counts[1]);
    assertThat(counts[0]).isEqualTo(2215);
  }

  @Test
  void vocabulary_and_merges_files_are_the_same_tokenizer() throws IOException {
    Path files = Golden.files("gpt2", directory);
    Files.delete(files.resolve("tokenizer.json"));
    Tokenizer tokenizer = Tokenizers.load(files, Registry.of(getClass().getClassLoader()));
    int[] count = new int[1];
    Golden.vectors(
        "gpt2",
        vector -> {
          assertThat(tokenizer.encode(vector.text(), SpecialTokens.all())).isEqualTo(vector.ids());
          count[0]++;
        });
    assertThat(count[0]).isEqualTo(2215);
    Path bert = Golden.files("bert-base-uncased", directory);
    Files.delete(bert.resolve("tokenizer.json"));
    Tokenizer words = Tokenizers.load(bert, Registry.of(getClass().getClassLoader()));
    Golden.vectors(
        "bert-base-uncased",
        vector ->
            assertThat(words.encode(vector.text(), SpecialTokens.all())).isEqualTo(vector.ids()));
  }

  @Test
  void very_long_runs_have_the_references_ids() throws IOException {
    Map<String, Tokenizer> tokenizers = new HashMap<>();
    Map<String, Integer> counts = new HashMap<>();
    Golden.lines(
        "long_runs",
        fields -> {
          String name = (String) fields.get("tokenizer");
          if (name.startsWith("spm")) {
            return; // SentencePiece's files have their own test
          }
          try {
            if (!tokenizers.containsKey(name)) {
              tokenizers.put(name, load(name));
            }
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
          // T5's file cuts and fills texts up to 32 tokens, and the reference did
          EncodingOptions stored = tokenizers.get(name).storedOptions();
          EncodingOptions options =
              stored.toBuilder().allowed(SpecialTokens.all()).addSpecialTokens(false).build();
          int[] ids = tokenizers.get(name).encode(text(fields.get("gen")), options).ids();
          int expected = ((Number) fields.get("n_ids")).intValue();
          assertThat(ids.length).as("%s %s", name, fields.get("gen")).isEqualTo(expected);
          assertThat(sha256(ids))
              .as("%s %s", name, fields.get("gen"))
              .isEqualTo(fields.get("sha256_le_i32"));
          int[] head = Golden.ids(fields.get("head"));
          assertThat(Arrays.copyOf(ids, head.length)).isEqualTo(head);
          counts.merge(name, 1, Integer::sum);
        });
    System.out.println("long runs: " + counts);
    assertThat(counts).isNotEmpty();
  }

  private static String text(Object generator) {
    Map<?, ?> gen = (Map<?, ?>) generator;
    if (gen.containsKey("unit")) {
      return ((String) gen.get("unit")).repeat(((Number) gen.get("count")).intValue());
    }
    String alphabet = (String) gen.get("alphabet");
    long x = ((Number) gen.get("lcg")).longValue();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < ((Number) gen.get("n")).intValue(); i++) {
      x = (x * 1103515245 + 12345) & 0x7fffffff;
      text.append(alphabet.charAt((int) ((x >> 16) % alphabet.length())));
    }
    return text.toString();
  }

  private static String sha256(int[] ids) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(ids);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}

package io.fundamentallm.tokenizers.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.contract.Interrupts;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.gguf.section.GgufWriter;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufReaderTest {
  @TempDir Path folder;

  private static GgufWriter llama() {
    return GgufFile.nestedArrays(new GgufWriter(), "general.nested", 2)
        .string("general.architecture", "llama")
        .ints("general.sizes", 1, 2, 3)
        .string("tokenizer.ggml.model", "llama")
        .strings("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "</s>", "▁a"))
        .floats("tokenizer.ggml.scores", 0, 0, 0, -1.5f)
        .ints("tokenizer.ggml.token_type", 2, 3, 3, 1)
        .uint32("tokenizer.ggml.bos_token_id", 1)
        .uint32("tokenizer.ggml.padding_token_id", 0xFFFFFFFFL)
        .bool("tokenizer.ggml.add_bos_token", true)
        .string("tokenizer.chat_template", "{{ messages }}");
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("model.gguf"), bytes);
  }

  @Test
  void the_tokenizer_section_is_read_and_other_keys_are_skipped() throws IOException {
    GgufTokenizer tokenizer = GgufReader.read(file(llama().bytes()));

    assertThat(tokenizer.model()).isEqualTo("llama");
    assertThat(tokenizer.pre()).isNull();
    assertThat(tokenizer.tokens()).containsExactly("<unk>", "<s>", "</s>", "▁a");
    assertThat(tokenizer.scores()).containsExactly(0, 0, 0, -1.5f);
    assertThat(tokenizer.types()).containsExactly(2, 3, 3, 1);
    assertThat(tokenizer.merges()).isEmpty();
    assertThat(tokenizer.id("bos")).isEqualTo(1);
    assertThat(tokenizer.id("eos")).isEqualTo(-1);
    assertThat(tokenizer.flag("add_bos_token")).isTrue();
    assertThat(tokenizer.flag("add_eos_token")).isNull();
    assertThat(tokenizer.chatTemplate()).isEqualTo("{{ messages }}");
  }

  @Test
  void tokenizers_are_read_on_a_thread_that_is_interrupted() throws Exception {
    Path file = file(llama().bytes());
    Interrupts.assertDeaf(
        () -> {
          GgufReader.read(file);
          return () -> {};
        });
    Path learned = Files.createDirectory(folder.resolve("learned"));
    Tokenizers.learn("bpe(vocab-size=300)", "a text, and a text again").save(learned);
    Interrupts.assertDeaf(
        () -> {
          Tokenizers.load(learned);
          return () -> {};
        });
  }

  @Test
  void the_id_that_means_none_is_none() throws IOException {
    assertThat(GgufReader.read(file(llama().bytes())).id("padding")).isEqualTo(-1);
  }

  @Test
  void values_longer_than_the_buffer_are_read_and_skipped() throws IOException {
    String template = "x".repeat(200_000);
    byte[] bytes =
        new GgufWriter()
            .string("general.note", template)
            .string("tokenizer.ggml.model", "gpt2")
            .string("tokenizer.ggml.pre", "llama-bpe")
            .strings("tokenizer.ggml.tokens", List.of("a", "b", "ab"))
            .strings("tokenizer.ggml.merges", List.of("a b"))
            .string("tokenizer.chat_template", template)
            .bytes();

    GgufTokenizer tokenizer = GgufReader.read(file(bytes));

    assertThat(tokenizer.pre()).isEqualTo("llama-bpe");
    assertThat(tokenizer.merges()).containsExactly("a b");
    assertThat(tokenizer.chatTemplate()).isEqualTo(template);
  }

  @Test
  void broken_files_are_errors_that_name_file_and_place() throws IOException {
    GgufWriter tokens =
        new GgufWriter()
            .string("tokenizer.ggml.model", "t5")
            .strings("tokenizer.ggml.tokens", List.of("a"));
    assertBroken(new byte[] {'G', 'G', 'U'}, "at byte 0 is not a GGUF file");
    assertBroken(
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 538090408\n"
            .getBytes(java.nio.charset.StandardCharsets.UTF_8),
        ": it is a pointer of Git LFS and not the file itself; fetch that with git lfs pull");
    assertBroken(
        "PK\3\4 something".getBytes(java.nio.charset.StandardCharsets.UTF_8), "not a GGUF");
    assertBroken(new GgufWriter().bytes(), "no tokenizer");
    assertBroken(GgufFile.nestedArrays(new GgufWriter(), "deep", 100).bytes(), "nested more than");
    assertBroken(GgufFile.announcedStrings("tokenizer.ggml.tokens", 1L << 60).bytes(), "byte 61");
    assertBroken(GgufFile.announcedStrings("x", 1L << 40).bytes(), "are announced");
    assertBroken(tokens.floats("tokenizer.ggml.scores", 1, 2).bytes(), "2 values for 1 tokens");
    assertBroken(
        llama().uint32("tokenizer.ggml.eos_token_id", 4).bytes(), "4 is outside the vocabulary");
    assertBroken(llama().bool("tokenizer.ggml.add_bos_token", true).bytes(), "occurs twice");
    byte[] truncated = llama().bytes();
    assertBroken(Arrays.copyOf(truncated, truncated.length - 5), "copy or download it again");
  }

  private void assertBroken(byte[] bytes, String what) throws IOException {
    Path file = file(bytes);
    assertThatThrownBy(() -> GgufReader.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(what);
  }

  @Test
  void changed_bytes_give_a_tokenizer_or_an_io_exception() throws IOException {
    change(1_000, new Random(7));
  }

  @Tag("long")
  @Test
  void many_thousand_changes_give_a_tokenizer_or_an_io_exception() throws IOException {
    change(30_000, new Random(8));
  }

  private void change(int times, Random random) throws IOException {
    byte[] whole = llama().bytes();
    for (int i = 0; i < times; i++) {
      byte[] bytes = SentencePieceFile.mutate(whole, random);
      Path file = file(bytes);
      try {
        assertThat(GgufReader.read(file).tokens()).isNotEmpty();
      } catch (IOException e) {
        assertThat(e).hasMessageContaining(file.toString());
      }
    }
  }
}

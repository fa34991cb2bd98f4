package io.fundamentallm.tokenizers.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFilesTest {
  @TempDir private Path directory;

  private Path file(String name) throws IOException {
    return Files.createFile(directory.resolve(name));
  }

  @Test
  void the_first_of_several_parts_has_the_tokenizer() throws IOException {
    file("m-00002-of-00003.gguf");
    file("m-00003-of-00003.gguf");
    Path first = file("m-00001-of-00003.gguf");

    assertThat(GgufFiles.find(directory)).isEqualTo(first);
  }

  @Test
  void parts_of_two_models_or_without_a_first_are_not_chosen_from() throws IOException {
    file("m-00002-of-00003.gguf");
    file("m-00003-of-00003.gguf");
    assertThatThrownBy(() -> GgufFiles.find(directory)).hasMessageContaining("2 .gguf files");
    file("m-00001-of-00003.gguf");
    file("n-00001-of-00002.gguf");
    assertThatThrownBy(() -> GgufFiles.find(directory)).hasMessageContaining("2 .gguf files");
  }

  @Test
  void what_only_looks_like_a_part_is_a_file_of_its_own() throws IOException {
    Path file = file("m-00004-of-00003.gguf");

    assertThat(GgufFiles.find(directory)).isEqualTo(file);
  }
}

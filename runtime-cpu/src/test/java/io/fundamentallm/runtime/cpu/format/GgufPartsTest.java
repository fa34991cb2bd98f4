package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model in several GGUF files, as gguf-split cuts it. */
class GgufPartsTest {
  private static final int PARTS = 3;

  @TempDir private Path folder;
  private GgufBytes whole;
  private GgufBytes[] parts;

  @BeforeEach
  void cut() {
    whole = GgufModels.llama(TinyModel.llama("llama"));
    parts = GgufModels.parts(() -> GgufModels.llama(TinyModel.llama("llama")), PARTS);
  }

  private Path file(int number) {
    return folder.resolve("tiny-0000" + number + "-of-0000" + PARTS + ".gguf");
  }

  private void write() throws IOException {
    for (int i = 0; i < PARTS; i++) {
      Files.write(file(i + 1), parts[i].bytes());
    }
  }

  private void refuses(Path file, String... messages) {
    assertThatThrownBy(() -> ModelFiles.open(file).close())
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(messages);
  }

  @Test
  void has_the_tensors_of_the_whole_by_its_first_file_or_its_directory() throws IOException {
    write();
    Path one = Files.createDirectory(folder.resolve("whole")).resolve("tiny.gguf");
    Files.write(one, whole.bytes());
    try (ModelFiles expected = ModelFiles.open(one)) {
      for (Path path : List.of(file(1), folder)) {
        assertThat(ModelFiles.supports(path).supported()).isTrue();
        try (ModelFiles split = ModelFiles.open(path)) {
          assertThat(split.parameters()).isEqualTo(expected.parameters());
          for (int layer = 0; layer < split.config().layers(); layer++) {
            assertThat(MatrixReading.all(split.weights().layer(layer).down().matrix()))
                .isDeepEqualTo(MatrixReading.all(expected.weights().layer(layer).down().matrix()));
          }
        }
      }
    }
  }

  @Test
  void a_later_part_names_the_first() throws IOException {
    write();
    refuses(file(2), file(2).toString(), "\"split.no\" is 1", file(1).toString());
    assertThat(ModelFiles.supports(file(3)).supported()).isFalse();
  }

  @Test
  void a_missing_part_is_named() throws IOException {
    write();
    Files.delete(file(3));
    refuses(file(1), file(1).toString(), file(3) + " is missing");
  }

  @Test
  void a_part_of_another_place_or_model_is_refused() throws IOException {
    parts[1].set("split.no", 2);
    write();
    refuses(file(1), file(2).toString(), "\"split.no\" is 2, expected 1");
    parts[1].set("split.no", 1).set("split.count", 4);
    write();
    refuses(file(1), file(2).toString(), "\"split.count\" is 4, expected 3");
    parts[1].keys.remove("split.count");
    write();
    refuses(file(1), file(2).toString(), "has no \"split.count\"");
  }

  @Test
  void a_tensor_in_two_parts_is_refused() throws IOException {
    String name = whole.tensors().get(0);
    parts[2].copy(name, whole);
    write();
    refuses(file(1), file(3).toString(), name, "occurs in an earlier part, too");
  }

  @Test
  void counts_that_lie_are_refused() throws IOException {
    parts[0].set("split.tensors.count", 7);
    write();
    refuses(file(1), file(1).toString(), "\"split.tensors.count\" is 7");
    for (int count : new int[] {2, 4, 65535, Integer.MAX_VALUE}) {
      parts[0].set("split.count", count);
      write();
      refuses(file(1), "\"split.count\" is " + count, "name is not that of the first of as many");
    }
    parts[0].set("split.count", -1);
    write();
    refuses(file(1), "\"split.count\" is");
    parts[0].set("split.count", PARTS);
    write();
    Path renamed = Files.move(file(1), folder.resolve("tiny.gguf"));
    refuses(renamed, renamed.toString(), "name is not that of the first");
  }

  @Test
  void a_truncated_part_is_refused() throws IOException {
    write();
    byte[] bytes = parts[2].bytes();
    for (int length : new int[] {0, 10, 30, bytes.length / 2, bytes.length - 64}) {
      Files.write(file(3), Arrays.copyOf(bytes, length));
      refuses(file(1), file(3).toString());
    }
  }
}

package io.fundamentallm.runtime.cpu.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicDirectoryTest {
  @TempDir private Path folder;

  @Test
  void what_fails_half_way_leaves_the_old_directory_and_no_hidden_one() throws IOException {
    Path directory = folder.resolve("step-10");
    AtomicDirectory.write(directory, to -> Files.writeString(to.resolve("weights"), "old"));
    for (Exception failure :
        new Exception[] {new IOException("No space left on device"), new IllegalStateException()}) {
      assertThatThrownBy(
              () ->
                  AtomicDirectory.write(
                      directory,
                      to -> {
                        Files.writeString(to.resolve("weights"), "half");
                        if (failure instanceof IOException e) {
                          throw e;
                        }
                        throw (IllegalStateException) failure;
                      }))
          .isSameAs(failure);
      assertThat(folder.toFile().list()).containsExactly("step-10");
      assertThat(directory.resolve("weights")).hasContent("old");
    }
  }
}

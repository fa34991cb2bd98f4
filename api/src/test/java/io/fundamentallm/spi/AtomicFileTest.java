package io.fundamentallm.spi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir private Path folder;

  @Test
  void the_directory_is_made_and_the_old_file_replaced() throws IOException {
    Path file = folder.resolve("a/b/file");
    for (String text : new String[] {"old", "new"}) {
      AtomicFile.write(file, channel -> channel.write(ByteBuffer.wrap(text.getBytes(UTF_8))));
      assertThat(file).hasContent(text);
    }
    assertOnly(file);
  }

  @Test
  void a_failure_leaves_the_old_file_and_nothing_else() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.allocate(10));
                      throw new IOException("half way");
                    }))
        .hasMessage("half way");
    assertThat(file).hasContent("old");
    assertOnly(file);
  }

  private static void assertOnly(Path file) throws IOException {
    try (Stream<Path> left = Files.list(file.getParent())) {
      assertThat(left).containsExactly(file);
    }
  }
}

package io.fundamentallm.internal.files;

import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DirectoryLockTest {
  /** A directory in which not even an administrator can create anything. */
  private static final Path SEALED = Path.of("/proc");

  @Test
  void a_directory_that_cannot_be_written_to_is_said_to_be_so() {
    assumeTrue(Files.isDirectory(SEALED), "this system has no /proc");
    assertThatIOException()
        .isThrownBy(() -> DirectoryLock.hold(SEALED))
        .withMessageMatching(
            "the directory /proc cannot be written to \\(.+\\); train into one that this program may"
                + " write to");
    assertThatIOException()
        .isThrownBy(() -> DirectoryLock.hold(SEALED.resolve("model")))
        .withMessageMatching(
            "the directory /proc/model cannot be created \\(.+\\); train into one that this program"
                + " may write to");
  }
}

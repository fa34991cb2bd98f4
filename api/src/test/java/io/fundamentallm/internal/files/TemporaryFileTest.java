package io.fundamentallm.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFileTest {
  private static final String FILE = "model.safetensors";

  @TempDir private Path folder;

  /** Another process: writes a file, and waits half way for a byte. */
  public static void main(String[] arguments) throws IOException {
    AtomicFile.write(
        Path.of(arguments[0]),
        channel -> {
          channel.write(ByteBuffer.wrap("its".getBytes(UTF_8)));
          System.out.write('w');
          System.out.flush();
          if (System.in.read() < 0) {
            throw new IOException("nobody is there");
          }
        });
  }

  private Process writer() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath(),
                TemporaryFileTest.class.getName(),
                folder.resolve(FILE).toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.getInputStream().read()).isEqualTo('w');
    return process;
  }

  private static String classPath() throws IOException {
    try {
      Path tests =
          Path.of(
              TemporaryFileTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path classes =
          Path.of(AtomicFile.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return tests + System.getProperty("path.separator") + classes;
    } catch (java.net.URISyntaxException e) {
      throw new IOException(e);
    }
  }

  private void write(String text) throws IOException {
    AtomicFile.write(folder.resolve(FILE), ByteBuffer.wrap(text.getBytes(UTF_8)));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void what_a_killed_process_left_is_deleted_by_the_next_writer_and_not_before() throws Exception {
    Process killed = writer();
    write("ours");
    assertThat(names()).as("the other process still writes").hasSize(2);
    killed.destroyForcibly().waitFor();
    assertThat(names()).hasSize(2);
    write("ours again");
    assertThat(names()).containsExactly(FILE);
    assertThat(folder.resolve(FILE)).hasContent("ours again");
  }

  @Test
  void another_process_that_writes_is_not_disturbed() throws Exception {
    Process other = writer();
    for (int i = 0; i < 3; i++) {
      write("ours");
    }
    other.getOutputStream().write('g');
    other.getOutputStream().flush();
    assertThat(other.waitFor()).isZero();
    assertThat(folder.resolve(FILE)).hasContent("its");
    assertThat(names()).containsExactly(FILE);
  }

  @Test
  void another_thread_that_writes_is_not_disturbed_and_keeps_its_lock() throws Exception {
    AtomicFile.write(
        folder.resolve(FILE),
        channel -> {
          channel.write(ByteBuffer.wrap("outer".getBytes(UTF_8)));
          write("inner");
          Process other = writer(); // which ends, and deletes what is left
          other.getOutputStream().write('g');
          other.getOutputStream().flush();
          try {
            assertThat(other.waitFor()).isZero();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    assertThat(folder.resolve(FILE)).hasContent("outer");
    assertThat(names()).containsExactly(FILE);
  }

  @Test
  void only_what_has_the_name_of_this_file_is_deleted() throws IOException {
    List<String> foreign =
        List.of(
            "model.safetensors.tmp",
            "model.safetensors.1a2b.tmp",
            "model.safetensors.0123456789ABCDEF.tmp",
            "model.safetensors.0123456789abcdef0.tmp",
            "model.safetensors.0123456789abcdef.tmp.bak",
            "xmodel.safetensors.0123456789abcdef.tmp",
            "config.json.0123456789abcdef.tmp",
            ".training.lock");
    for (String name : foreign) {
      Files.writeString(folder.resolve(name), name);
    }
    Path directory = Files.createDirectory(folder.resolve(FILE + ".00123456789abcde.tmp"));
    Path link = folder.resolve(FILE + ".11123456789abcde.tmp");
    Files.createSymbolicLink(link, folder.resolve(".training.lock"));
    Files.writeString(folder.resolve(FILE + ".0123456789abcdef.tmp"), "left");
    Files.writeString(folder.resolve(FILE + ".123456789abcd.tmp"), "left by an earlier version");
    write("new");
    assertThat(names()).hasSize(foreign.size() + 3).containsAll(foreign).contains(FILE);
    assertThat(directory).exists();
    assertThat(link).isSymbolicLink();
    for (String name : foreign) {
      assertThat(folder.resolve(name)).hasContent(name);
    }
  }

  @Test
  void a_failed_write_deletes_nothing_but_its_own() throws IOException {
    String left = FILE + ".0123456789abcdef.tmp";
    Files.writeString(folder.resolve(left), "left");
    try {
      AtomicFile.write(
          folder.resolve(FILE),
          channel -> {
            throw new IOException("half way");
          });
    } catch (IOException expected) {
      assertThat(expected).hasMessage("half way");
    }
    assertThat(names()).containsExactly(left);
  }
}

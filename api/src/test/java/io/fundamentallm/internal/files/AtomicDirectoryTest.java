package io.fundamentallm.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.contract.MortalFiles;
import io.fundamentallm.contract.PowerLoss;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicDirectoryTest {
  private static final String NAME = "step-10";
  private static final List<String> FILES = List.of("a", "weights", "z");

  @TempDir private Path folder;

  private interface Change {
    void of(Path directory) throws IOException;
  }

  private static void write(Path directory, String text) throws IOException {
    AtomicDirectory.write(
        directory,
        to -> {
          for (String file : FILES) {
            Files.writeString(to.resolve(file), text);
          }
        });
  }

  private static void recover(Path directory) throws IOException {
    AtomicDirectory.recoverAll(directory.getParent(), NAME::equals);
  }

  private static void clean(Path directory) throws IOException {
    AtomicDirectory.cleanAll(directory.getParent(), NAME::equals);
  }

  /** Lets a process do something that is killed after so many changes; false if it ends before. */
  private static boolean isKilled(Path directory, int changes, Change change) throws IOException {
    try {
      change.of(new MortalFiles(changes).path(directory));
      return false;
    } catch (MortalFiles.Killed e) {
      return true;
    }
  }

  /** What all of its files hold; "none" if it is not there. */
  private static String text(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return "none";
    }
    assertThat(directory.toFile().list()).containsExactlyInAnyOrderElementsOf(FILES);
    String text = Files.readString(directory.resolve(FILES.get(0)));
    for (String file : FILES) {
      assertThat(directory.resolve(file)).hasContent(text);
    }
    return text;
  }

  private Path fresh(int number) throws IOException {
    return Files.createDirectory(folder.resolve(Integer.toString(number))).resolve(NAME);
  }

  @Test
  void what_fails_half_way_leaves_the_old_directory_and_no_hidden_one() throws IOException {
    Path directory = folder.resolve(NAME);
    write(directory, "old");
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
      assertThat(folder.toFile().list()).containsExactly(NAME);
      assertThat(text(directory)).isEqualTo("old");
    }
  }

  /** The second kill comes while what the first one left is recovered and cleaned away. */
  @Test
  void two_kills_at_any_moments_leave_the_old_directory_or_the_new_one() throws IOException {
    int number = 0;
    int hidden = 0;
    boolean killed = true;
    for (int first = 0; killed; first++) {
      boolean again = true;
      for (int second = 0; again; second++) {
        Path directory = fresh(number++);
        write(directory, "old");
        killed = isKilled(directory, first, to -> write(to, "new"));
        hidden += Files.notExists(directory) ? 1 : 0;
        assertThat(text(AtomicDirectory.readable(directory))).isIn("old", "new");
        again = isKilled(directory, second, AtomicDirectoryTest::clean);
        recover(directory);
        assertThat(text(directory)).isIn(killed ? List.of("old", "new") : List.of("new"));
        clean(directory);
        assertThat(text(directory)).isIn(killed ? List.of("old", "new") : List.of("new"));
        assertThat(directory.getParent().toFile().list()).containsExactly(NAME);
      }
    }
    assertThat(hidden).as("kills between the two renames").isPositive();
    assertThat(number).isGreaterThan(30);
  }

  @Test
  void the_next_write_needs_nobody_who_recovers() throws IOException {
    int number = 0;
    boolean killed = true;
    for (int first = 0; killed; first++) {
      boolean again = true;
      for (int second = 0; again; second++) {
        Path directory = fresh(number++);
        write(directory, "old");
        killed = isKilled(directory, first, to -> write(to, "new"));
        again = isKilled(directory, second, to -> write(to, "newer"));
        recover(directory);
        assertThat(text(directory)).isIn(again ? List.of("old", "new", "newer") : List.of("newer"));
      }
    }
  }

  @Test
  void any_changes_with_kills_between_them_leave_something_whole() throws IOException {
    Random random = new Random(5);
    for (int trial = 0; trial < 60; trial++) {
      Path directory = fresh(trial);
      List<String> history = new ArrayList<>();
      boolean there = false;
      for (int i = 0; i < 6; i++) {
        int kind = random.nextInt(4);
        String text = "text " + i;
        Change change =
            kind == 0
                ? AtomicDirectory::delete
                : kind == 1 ? AtomicDirectoryTest::clean : to -> write(to, text);
        boolean killed = isKilled(directory, random.nextInt(14), change);
        history.add(kind + (killed ? " killed" : " done"));
        there = kind != 0 && (there || (kind > 1 && !killed));
        if (random.nextBoolean()) {
          recover(directory);
        }
        Path readable = AtomicDirectory.readable(directory);
        assertThat(text(readable)).as("%s", history).startsWith(there ? "text" : "");
      }
    }
  }

  @Test
  void only_what_has_the_name_and_lacks_its_directory_is_recovered() throws IOException {
    Path directory = folder.resolve(NAME);
    write(directory.resolveSibling("." + NAME + ".tmp"), "foreign");
    recover(directory);
    assertThat(directory).doesNotExist();
    write(directory.resolveSibling("." + NAME + ".old"), "old");
    AtomicDirectory.recoverAll(folder, "step-20"::equals);
    assertThat(directory).doesNotExist();
    recover(directory);
    assertThat(text(directory)).isEqualTo("foreign");
    Files.createDirectory(folder.resolve("..tmp"));
    clean(directory);
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder(NAME, "..tmp");
    recover(folder.resolve("missing").resolve(NAME));
  }

  @Test
  void a_loss_of_power_leaves_the_old_directory_or_the_new_one() throws IOException {
    assumeTrue(File.separatorChar == '/', "no directory can be synced here");
    PowerLoss power = PowerLoss.below(folder);
    Path directory = power.path().resolve(NAME);
    write(directory, "old");
    int old = power.moment();
    write(directory, "new");
    int written = power.moment();
    AtomicDirectory.delete(directory);
    int deleted = power.moment();
    write(directory, "newer");
    power.fails(
        (moment, disk) -> {
          String name = disk.containsKey(NAME + "/") ? NAME : null;
          if (name == null && both(disk)) {
            name = "." + NAME + ".tmp";
          }
          if (name == null) {
            assertThat(moment < old || moment >= written).as("after %d changes", moment).isTrue();
            return;
          }
          String text = null;
          for (String file : FILES) {
            byte[] bytes = disk.get(name + "/" + file);
            assertThat(bytes)
                .as("%s after %d changes: %s", file, moment, disk.keySet())
                .isNotNull();
            String here = new String(bytes, UTF_8);
            assertThat(text == null || text.equals(here)).isTrue();
            text = here;
          }
          assertThat(text).isIn("old", "new", "newer");
          if (moment == written) {
            assertThat(text).isEqualTo("new");
          } else if (moment >= deleted) {
            assertThat(text).isEqualTo("newer");
          }
        });
  }

  private static boolean both(Map<String, byte[]> disk) {
    return disk.containsKey("." + NAME + ".tmp/") && disk.containsKey("." + NAME + ".old/");
  }
}

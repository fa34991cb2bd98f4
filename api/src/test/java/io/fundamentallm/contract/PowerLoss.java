package io.fundamentallm.contract;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.SortedMap;

/**
 * Records what is done to the files below a path, and then lets the power fail after each change:
 * what is on the disk must be of use. A file that was not synced is empty then; of the changes to a
 * directory that was not synced, none are there, all, or some.
 *
 * <pre>{@code
 * PowerLoss power = PowerLoss.below(folder);
 * AtomicFile.write(power.path().resolve("file"), contents);
 * int written = power.moment();
 * power.fails((moment, disk) -> assertThat(moment < written || disk.containsKey("file")).isTrue());
 * }</pre>
 */
public final class PowerLoss {
  private static final int DRAWS = 6;

  private final RecordedDisk disk;
  private final Path path;

  private PowerLoss(Path folder) {
    disk = new RecordedDisk(folder);
    path = new RecordingPath(new RecordingProvider(disk), folder.toAbsolutePath());
  }

  /**
   * Records what is done below a folder by way of {@link #path}.
   *
   * @param folder an empty one
   */
  public static PowerLoss below(Path folder) {
    return new PowerLoss(folder);
  }

  /** The folder; neither it nor paths that are made of it have a {@link Path#toFile}. */
  public Path path() {
    return path;
  }

  /** How many changes there were up to now. */
  public int moment() {
    return disk.moment();
  }

  /** Looks at what is left. */
  @FunctionalInterface
  public interface Check {
    /**
     * Looks at what is left after so many changes.
     *
     * @param disk contents by path below the folder, with slashes; a directory ends with one
     */
    void look(int moment, SortedMap<String, byte[]> disk) throws IOException;
  }

  /** Lets the power fail after each change up to now, and in several ways. */
  public void fails(Check check) throws IOException {
    for (int moment = 0; moment <= disk.moment(); moment++) {
      check.look(moment, disk.after(moment, () -> false));
      check.look(moment, disk.after(moment, () -> true));
      for (int draw = 0; draw < DRAWS; draw++) {
        check.look(moment, disk.after(moment, new Random(draw)::nextBoolean));
      }
    }
  }
}

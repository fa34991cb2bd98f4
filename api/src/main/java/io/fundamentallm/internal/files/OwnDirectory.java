package io.fundamentallm.internal.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Whether a training may write into a directory: it is missing or empty, or a training wrote it. A
 * training leaves the file of its {@link DirectoryLock}, and checkpoints that have the state of a
 * training, also where a copy has no hidden files.
 */
public final class OwnDirectory {
  private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-[0-9]+");
  private static final String STATE = "training_state.safetensors";

  /** What a training replaces only where it wrote it, and what version control leaves. */
  private static final Set<String> HARMLESS = Set.of("README.md", ".gitignore", ".gitattributes");

  /** How many names a refusal gives. */
  private static final int NAMES = 3;

  private OwnDirectory() {}

  /**
   * Refuses a directory with files that no training wrote.
   *
   * @throws IOException that names some of them; or when the directory cannot be read
   */
  public static void require(Path directory) throws IOException {
    if (!Files.isDirectory(directory) || Files.exists(directory.resolve(DirectoryLock.FILE))) {
      return;
    }
    List<String> names;
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> all = files.sorted().toList();
      if (all.stream().anyMatch(OwnDirectory::isCheckpoint)) {
        return;
      }
      names =
          all.stream()
              .map(file -> String.valueOf(file.getFileName()))
              .filter(name -> !HARMLESS.contains(name))
              .toList();
    }
    if (!names.isEmpty()) {
      throw new IOException(
          (directory.toString().isEmpty() ? "the current directory" : directory.toString())
              + " has files that no training wrote: "
              + String.join(", ", names.subList(0, Math.min(NAMES, names.size())))
              + (names.size() > NAMES ? ", …" : "")
              + "; train into an empty directory, or say that files there may be replaced, with"
              + " overwrite");
    }
  }

  private static boolean isCheckpoint(Path file) {
    return CHECKPOINT.matcher(String.valueOf(file.getFileName())).matches()
        && Files.exists(file.resolve(STATE));
  }
}

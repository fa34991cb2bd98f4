package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.format.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a training, {@code checkpoint-500} and so on in the model's directory, as
 * Hugging Face's trainer names them: each a whole model directory with the training's state. One is
 * written under a hidden name and renamed when it is whole, and renamed back before it is deleted,
 * so that a directory with the name of a checkpoint is one, whenever the process is killed.
 */
final class Checkpoints {
  private static final Pattern NAME = Pattern.compile("checkpoint-([1-9][0-9]{0,8})");
  private static final Pattern UNFINISHED =
      Pattern.compile("[.]checkpoint-[1-9][0-9]{0,8}[.](tmp|old)");

  private final Path directory;
  private final TrainedModel model;
  private final Optimizer optimizer;
  private final String plan;

  /**
   * @param plan what must be the same to go on from a checkpoint, in one line
   */
  Checkpoints(Path directory, TrainedModel model, Optimizer optimizer, String plan) {
    this.directory = directory;
    this.model = model;
    this.optimizer = optimizer;
    this.plan = plan;
  }

  /** Writes a checkpoint and deletes all but the last {@code kept}; returns where it lies. */
  Path save(int step, int kept) throws IOException {
    Path whole = directory.resolve("checkpoint-" + step);
    Path temporary = directory.resolve(".checkpoint-" + step + ".tmp");
    delete(temporary);
    Files.createDirectories(temporary);
    model.writeCheckpoint(model.weights(), temporary);
    new TrainingState(step, plan, optimizer.state()).write(temporary);
    withdraw(whole);
    Files.move(temporary, whole, StandardCopyOption.ATOMIC_MOVE);
    List<Path> all = all();
    for (Path old : all.subList(0, Math.max(0, all.size() - kept))) {
      withdraw(old);
    }
    return whole;
  }

  /**
   * Takes up the last checkpoint where there is one.
   *
   * @return how many steps were taken; 0 where there is no checkpoint
   * @throws IOException when it cannot be read, or belongs to another plan; names file and place
   */
  int resume() throws IOException {
    clean();
    List<Path> all = all();
    if (all.isEmpty()) {
      return 0;
    }
    Path last = all.get(all.size() - 1);
    int step = TrainingState.read(last, plan, optimizer.state());
    model.readCheckpoint(last, model.weights());
    model.update();
    return step;
  }

  /** Deletes what a killed process left half-written. */
  private void clean() throws IOException {
    for (Path unfinished : matching(UNFINISHED)) {
      delete(unfinished);
    }
  }

  /** The checkpoints, oldest first. */
  private List<Path> all() throws IOException {
    return matching(NAME).stream()
        .sorted(Comparator.comparingInt(path -> step(path.getFileName().toString())))
        .toList();
  }

  private static int step(String name) {
    return Integer.parseInt(name.substring(name.indexOf('-') + 1));
  }

  private List<Path> matching(Pattern pattern) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(path -> pattern.matcher(path.getFileName().toString()).matches())
          .filter(Files::isDirectory)
          .toList();
    }
  }

  private void withdraw(Path checkpoint) throws IOException {
    if (Files.exists(checkpoint)) {
      Path old = directory.resolve("." + checkpoint.getFileName() + ".old");
      delete(old);
      Files.move(checkpoint, old, StandardCopyOption.ATOMIC_MOVE);
      delete(old);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

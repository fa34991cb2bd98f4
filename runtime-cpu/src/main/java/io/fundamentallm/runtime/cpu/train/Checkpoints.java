package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.format.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a training leaves in the model's directory on its way: {@code checkpoint-500} and so on, as
 * Hugging Face's trainer names them, each a whole model directory with the training's state; and
 * {@code best-250}, the model of the best evaluation, without the state.
 */
final class Checkpoints {
  private static final String CHECKPOINT = "checkpoint-";
  private static final String BEST = "best-";
  private static final Pattern NAME = Pattern.compile("(checkpoint-|best-)([1-9][0-9]{0,8})");

  private final Path directory;
  private final TrainedModel model;
  private final Map<String, float[]> arrays;
  private final String plan;

  /**
   * @param model whose weights, as they are at the time, are written and read
   * @param arrays the rest of the state, by name
   * @param plan what must be the same to go on from a checkpoint, in one line
   */
  Checkpoints(Path directory, TrainedModel model, Map<String, float[]> arrays, String plan) {
    this.directory = directory;
    this.model = model;
    this.arrays = arrays;
    this.plan = plan;
  }

  /**
   * Makes sure that a new training does not mix its checkpoints with those of another.
   *
   * @throws IOException when there are some
   */
  void requireNone() throws IOException {
    NavigableMap<Integer, Path> all = all(CHECKPOINT);
    if (!all.isEmpty()) {
      throw new IOException(
          all.lastEntry().getValue()
              + " is of an earlier training; go on from it with resume, or delete it, or train into"
              + " another directory");
    }
    clean(0);
  }

  /** Writes a checkpoint and deletes all but the last {@code kept}; returns where it lies. */
  Path save(Standing standing, int kept) throws IOException {
    Path whole = directory.resolve(CHECKPOINT + standing.step());
    AtomicDirectory.write(
        whole,
        to -> {
          model.writeCheckpoint(model.weights(), to);
          new TrainingState(plan, standing.numbers(), arrays).write(to);
        });
    NavigableMap<Integer, Path> all = all(CHECKPOINT);
    while (all.size() > kept) {
      AtomicDirectory.delete(all.pollFirstEntry().getValue());
    }
    deleteSurpassed();
    return whole;
  }

  /** Writes the model as the best one so far. */
  void saveBest(int step) throws IOException {
    AtomicDirectory.write(
        directory.resolve(BEST + step), to -> model.writeCheckpoint(model.weights(), to));
    deleteSurpassed();
  }

  /**
   * Takes up the best model.
   *
   * @throws IOException when it cannot be read
   */
  void restoreBest(int step) throws IOException {
    read(directory.resolve(BEST + step));
  }

  /** Deletes the best model, where no checkpoint needs it. */
  void finish() throws IOException {
    if (all(CHECKPOINT).isEmpty()) {
      for (Path best : all(BEST).values()) {
        AtomicDirectory.delete(best);
      }
    }
  }

  /**
   * Takes up the last checkpoint where there is one.
   *
   * @param keepBest whether the best model so far must be there too
   * @throws IOException when it cannot be read, or belongs to another plan; names file and place
   */
  Standing resume(boolean keepBest) throws IOException {
    Map.Entry<Integer, Path> last = all(CHECKPOINT).lastEntry();
    if (last == null) {
      clean(0);
      return Standing.BEGINNING;
    }
    clean(last.getKey());
    Standing standing;
    try {
      standing = Standing.of(TrainingState.read(last.getValue(), plan, arrays));
    } catch (IOException e) {
      throw new IOException(last.getValue() + " cannot be resumed: " + e.getMessage(), e);
    }
    Path best = directory.resolve(BEST + standing.bestStep());
    if (keepBest && standing.bestStep() > 0 && !Files.exists(best)) {
      throw new IOException(
          best + " is missing: the best model so far, of which " + last.getValue() + " knows");
    }
    read(last.getValue());
    return standing;
  }

  private void read(Path from) throws IOException {
    model.readCheckpoint(from, model.weights());
    model.update();
  }

  /** Deletes what a killed process left half-written, and the best models of later steps. */
  private void clean(int step) throws IOException {
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          String name = AtomicDirectory.visible(file.getFileName().toString());
          if (NAME.matcher(name).matches()) {
            AtomicDirectory.deleteFiles(file);
          }
        }
      }
    }
    for (Path best : all(BEST).tailMap(step, false).values()) {
      AtomicDirectory.delete(best);
    }
  }

  /** Keeps of the best models the last, and that which was the best at each checkpoint. */
  private void deleteSurpassed() throws IOException {
    NavigableMap<Integer, Path> best = all(BEST);
    NavigableMap<Integer, Path> surpassed = new TreeMap<>(best);
    surpassed.pollLastEntry();
    for (int step : all(CHECKPOINT).keySet()) {
      Integer then = best.floorKey(step);
      if (then != null) {
        surpassed.remove(then);
      }
    }
    for (Path path : surpassed.values()) {
      AtomicDirectory.delete(path);
    }
  }

  /** The directories of a kind, by step. */
  private NavigableMap<Integer, Path> all(String kind) throws IOException {
    NavigableMap<Integer, Path> all = new TreeMap<>();
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.filter(Files::isDirectory).toList()) {
          Matcher name = NAME.matcher(file.getFileName().toString());
          if (name.matches() && name.group(1).equals(kind)) {
            all.put(Integer.parseInt(name.group(2)), file);
          }
        }
      }
    }
    return all;
  }
}

package io.fundamentallm.runtime.cpu.train.checkpoint;

import io.fundamentallm.runtime.cpu.format.TrainingStateFile;
import io.fundamentallm.runtime.cpu.train.tuning.TrainedModel;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a training leaves in the model's directory on its way: {@code checkpoint-500} and so on, as
 * Hugging Face's trainer names them, each a whole model directory with the training's state; and
 * {@code best-250}, the model of the best evaluation, without the state.
 */
public final class Checkpoints {
  private static final String CHECKPOINT = "checkpoint-";
  private static final String BEST = "best-";
  private static final Pattern NAME = Pattern.compile("(checkpoint-|best-)([1-9][0-9]{0,8})");

  private final Path directory;
  private final Validation validation;
  private final Set<String> changed;
  private final int steps;
  private final TrainedModel model;
  private final Map<String, float[]> arrays;
  private final Supplier<TrainingSettings> read;
  private @Nullable TrainingSettings settings;

  /**
   * @param model whose weights, as they are at the time, are written and read
   * @param arrays the rest of the state, by name
   * @param settings what the result depends on; asked once, and only where it is needed
   */
  public Checkpoints(
      TrainingPlan plan,
      TrainedModel model,
      Map<String, float[]> arrays,
      Supplier<TrainingSettings> settings) {
    directory = plan.modelDirectory();
    validation = plan.validation();
    changed = plan.changed();
    steps = plan.steps();
    this.model = model;
    this.arrays = arrays;
    read = settings;
  }

  private TrainingSettings settings() {
    if (settings == null) {
      settings = read.get();
    }
    return settings;
  }

  /**
   * Makes sure that a new training does not mix its checkpoints with those of another.
   *
   * @throws IOException when there are some
   */
  public void requireNone() throws IOException {
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
  public Path save(TrainingState standing, int kept) throws IOException {
    Path whole = directory.resolve(CHECKPOINT + standing.step());
    AtomicDirectory.write(
        whole,
        to -> {
          model.writeCheckpoint(model.weights(), to);
          new TrainingStateFile(settings().values(), standing.numbers(), arrays).write(to);
        });
    NavigableMap<Integer, Path> all = all(CHECKPOINT);
    while (all.size() > kept) {
      AtomicDirectory.delete(all.pollFirstEntry().getValue());
    }
    deleteSurpassed(standing);
    deleteHidden();
    return whole;
  }

  /** Writes the model as the best one so far. */
  public void saveBest(TrainingState standing) throws IOException {
    Path best = directory.resolve(BEST + standing.bestStep());
    // one that is there is of the step that was resumed, and some checkpoint may need it
    if (!Files.exists(best)) {
      AtomicDirectory.write(best, to -> model.writeCheckpoint(model.weights(), to));
    }
    deleteSurpassed(standing);
  }

  /**
   * Takes up the best model.
   *
   * @throws IOException when it cannot be read
   */
  public void restoreBest(int step) throws IOException {
    read(directory.resolve(BEST + step));
  }

  /** Deletes the best model, where no checkpoint needs it. */
  public void finish() throws IOException {
    if (all(CHECKPOINT).isEmpty()) {
      for (Path best : all(BEST).values()) {
        AtomicDirectory.delete(best);
      }
    }
    deleteHidden();
  }

  /**
   * Takes up the last checkpoint where there is one.
   *
   * @throws IOException when it cannot be read, or was written with other settings than the plan
   *     allows; names it and them
   */
  public TrainingState resume() throws IOException {
    Map.Entry<Integer, Path> last = all(CHECKPOINT).lastEntry();
    if (last == null) {
      clean(0);
      return TrainingState.BEGINNING;
    }
    TrainingState standing;
    try {
      standing = standing(last.getValue());
      TrainingStateFile.readArrays(last.getValue(), arrays);
    } catch (IOException e) {
      throw new IOException(last.getValue() + " cannot be resumed: " + e.getMessage(), e);
    }
    Path best = directory.resolve(BEST + standing.bestStep());
    if (validation.keepBest() && standing.bestStep() > 0 && !Files.exists(best)) {
      throw new IOException(
          best + " is missing: the best model so far, of which " + last.getValue() + " knows");
    }
    read(last.getValue());
    clean(last.getKey());
    return standing;
  }

  /** How far a checkpoint is, as far as it counts with the settings of now. */
  private TrainingState standing(Path checkpoint) throws IOException {
    TrainingStateFile state = TrainingStateFile.read(checkpoint);
    Set<String> changes = settings().changesFrom(new TrainingSettings(state.settings()), changed);
    TrainingState standing = TrainingState.of(state.numbers());
    if (standing.step() > steps) {
      throw new IOException("it has " + standing.step() + " steps already, and the plan " + steps);
    }
    return TrainingSettings.comparable(changes) ? standing : standing.unmeasured();
  }

  private void read(Path from) throws IOException {
    model.readCheckpoint(from, model.weights());
    model.update();
  }

  /** Deletes what a killed process left half-written, and the best models of later steps. */
  private void clean(int step) throws IOException {
    deleteHidden();
    for (Path best : all(BEST).tailMap(step, false).values()) {
      AtomicDirectory.delete(best);
    }
  }

  /** Deletes what a killed process, or a write that an interrupt broke off, left half-written. */
  private void deleteHidden() throws IOException {
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
  }

  /** Keeps the best model of now, and those that checkpoints name. */
  private void deleteSurpassed(TrainingState now) throws IOException {
    NavigableMap<Integer, Path> surpassed = all(BEST);
    surpassed.remove(now.bestStep());
    for (Path checkpoint : all(CHECKPOINT).values()) {
      try {
        surpassed.remove(TrainingState.of(TrainingStateFile.read(checkpoint).numbers()).bestStep());
      } catch (IOException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw e; // which says nothing of the checkpoint
        }
        return; // a damaged one may name any, and is no reason to end a training
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

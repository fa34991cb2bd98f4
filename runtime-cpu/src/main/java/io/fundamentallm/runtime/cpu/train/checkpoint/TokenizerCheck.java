package io.fundamentallm.runtime.cpu.train.checkpoint;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.internal.files.DirectoryLock;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks that a directory would load the tokenizer that is saved into it. An older tokenizer may
 * have left files under other names, which would be found first.
 */
public final class TokenizerCheck {
  /** Larger files are weights. */
  private static final long MAX = 64 << 20;

  private TokenizerCheck() {}

  /**
   * Tries it beside the directory, which does not change.
   *
   * @throws IOException where another tokenizer would be loaded
   */
  public static void require(Tokenizer tokenizer, Path directory) throws IOException {
    if (!containsOther(tokenizer, directory)) {
      return;
    }
    Path trial = Files.createTempDirectory("tokenizer-");
    try {
      for (Path file : files(directory)) {
        if (Files.size(file) <= MAX) {
          Files.copy(file, trial.resolve(file.getFileName().toString()));
        }
      }
      tokenizer.save(trial);
      if (containsOther(tokenizer, trial)) {
        List<String> names = inTheWay(tokenizer, trial);
        throw new IOException(
            directory
                + " has files of another tokenizer, which would be loaded instead of the one that"
                + " this model is trained with: remove "
                + (names.isEmpty() ? "them" : String.join(" and ", names))
                + ", or train into another directory");
      }
    } finally {
      delete(trial);
    }
  }

  private static void delete(Path folder) throws IOException {
    for (Path file : files(folder)) {
      Files.delete(file);
    }
    Files.delete(folder);
  }

  /** The names of the fewest files without which the trial would load the tokenizer. */
  private static List<String> inTheWay(Tokenizer tokenizer, Path trial) throws IOException {
    Path own = Files.createTempDirectory("own-");
    Path aside = Files.createTempDirectory("aside-");
    List<String> names = new ArrayList<>();
    try {
      tokenizer.save(own);
      for (Path file : files(trial)) {
        String name = file.getFileName().toString();
        if (Files.notExists(own.resolve(name)) && containsOther(tokenizer, trial)) {
          Files.move(file, aside.resolve(name));
          names.add(name);
        }
      }
      // of those that had to go before the last one, some may stay
      for (String name : List.copyOf(names)) {
        Files.move(aside.resolve(name), trial.resolve(name));
        if (containsOther(tokenizer, trial)) {
          Files.move(trial.resolve(name), aside.resolve(name));
        } else {
          names.remove(name);
        }
      }
    } finally {
      delete(own);
      delete(aside);
    }
    return names;
  }

  private static boolean containsOther(Tokenizer tokenizer, Path directory) throws IOException {
    Vocabulary held;
    try {
      held = Tokenizers.load(directory).vocabulary();
    } catch (ProviderException e) {
      return false; // it holds none
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e; // which says nothing about the files
      }
      return false; // it cannot be mistaken for this one
    }
    Vocabulary own = tokenizer.vocabulary();
    boolean same = held.size() == own.size();
    for (int id = 0; same && id < own.size(); id++) {
      same = held.token(id).equals(own.token(id));
    }
    return !same;
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      // opening and closing the lock's file would release the lock
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.endsWith(DirectoryLock.FILE))
          .toList();
    }
  }
}

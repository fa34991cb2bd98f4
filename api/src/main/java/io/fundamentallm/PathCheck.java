package io.fundamentallm;

import io.fundamentallm.internal.directory.AdapterConfig;
import io.fundamentallm.internal.files.ReadablePath;
import io.fundamentallm.spi.Provider;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The plainest reason why nothing could be loaded from a place. */
final class PathCheck {
  /** How many entries of a directory are looked at. An unpacked archive has few at its top. */
  private static final int MAX_LOOKED_AT = 200;

  private static final int MAX_NAMED = 3;

  /** Files that say that a directory is meant to be a model's, even if others are missing. */
  private static final Pattern OF_A_MODEL =
      Pattern.compile(
          "(.*config|tokenizer|vocab|.*\\.index)\\.json"
              + "|(merges|vocab)\\.txt"
              + "|.*\\.(safetensors|gguf|onnx|bin|model|tiktoken|vocab)");

  /** As models are called on the Hugging Face hub. */
  private static final Pattern HUB_NAME = Pattern.compile("\\w[\\w.-]*/\\w[\\w.-]*");

  private PathCheck() {}

  /** The error for a path that does not exist, which may be the hub's name of a model. */
  static NoSuchFileException missing(Path path) {
    NoSuchFileException missing = ReadablePath.missing(path);
    String name = path.toString().replace(path.getFileSystem().getSeparator(), "/");
    return HUB_NAME.matcher(name).matches() && Files.notExists(path.subpath(0, 1))
        ? new NoSuchFileException(
            missing.getFile(),
            null,
            missing.getReason()
                + "; a model of the Hugging Face hub is fetched first: \"fundamentallm pull "
                + name
                + "\", or ModelHub of io.fundamentallm:fundamentallm-hub")
        : missing;
  }

  /** A place as a message names it before its full stop: those of dots are written out. */
  static Path shown(Path path) {
    String text = path.toString();
    return text.isEmpty() || text.endsWith(".") ? path.toAbsolutePath().normalize() : path;
  }

  /**
   * Loads with a provider that was named, and so was not asked whether it can.
   *
   * @param loads whether it says so of a place
   */
  static <T> T load(
      Provider provider, Path path, Predicate<Path> loads, Registry.Call<T, IOException> load)
      throws IOException {
    try {
      return Registry.linked(provider, load);
    } catch (IOException e) {
      if (Files.exists(path)) {
        boolean asked = Files.isDirectory(path) || loads.test(path);
        String hint = asked ? "" : fileOfModel(path, loads);
        throw hint.isEmpty() ? reasoned(e) : new IOException(e.getMessage() + hint, e);
      }
      IOException missing = missing(path);
      missing.initCause(e);
      throw missing;
    }
  }

  /**
   * Refuses a place that every provider has refused, if there is a plainer reason than theirs.
   *
   * @param message says that nothing can be loaded from there
   * @param expected what a file is not that is none of a model at all, and what was expected
   * @param loads whether something can be loaded from a place
   * @return what helps after the providers' reasons; empty if nothing does
   * @throws ProviderException if it is a file of no kind that models have, or a directory that is
   *     empty, has an adapter alone, or has nothing of a model but directories that load
   */
  static String check(Path path, String message, String expected, Predicate<Path> loads)
      throws IOException {
    if (!Files.isDirectory(path)) {
      String hint = fileOfModel(path, loads);
      if (isOther(path)) {
        throw new ProviderException(path + " is no " + expected + hint);
      }
      return hint;
    }
    if (AdapterConfig.isAlone(path)) {
      throw new ProviderException(message + ": " + AdapterConfig.advice(path));
    }
    List<Path> inside;
    try (Stream<Path> all = Files.list(path)) {
      inside = all.limit(MAX_LOOKED_AT).sorted().toList();
    } catch (AccessDeniedException e) {
      throw reasoned(e);
    }
    if (inside.isEmpty()) {
      throw new ProviderException(message + ": the directory is empty");
    }
    List<String> below =
        inside.stream()
            .filter(Files::isDirectory)
            .filter(loads)
            .limit(MAX_NAMED + 1) // each is asked for by all providers
            .map(Path::toString)
            .toList();
    if (below.isEmpty()) {
      return "";
    } else if (inside.stream().anyMatch(PathCheck::isOfModel)) {
      return "\nBut " + named(below); // as of a training's checkpoints
    }
    throw new ProviderException(message + "; " + named(below));
  }

  /** The system says no more than the name of what may not be read. */
  private static IOException reasoned(IOException e) {
    return e instanceof AccessDeniedException denied && denied.getReason() == null
        ? (IOException)
            new AccessDeniedException(denied.getFile(), null, "it may not be read").initCause(e)
        : e;
  }

  private static String fileOfModel(Path file, Predicate<Path> loads) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null || !loads.test(parent)
        ? ""
        : "\nBut the directory that it is in can be loaded: name "
            + (file.getParent() == null ? parent : file.getParent());
  }

  /** Whether a file's name is not like those of models, so that no provider's reason helps. */
  private static boolean isOther(Path file) {
    Path name = file.getFileName();
    return Files.isRegularFile(file)
        && name != null
        && !OF_A_MODEL.matcher(name.toString()).matches();
  }

  private static boolean isOfModel(Path inside) {
    return OF_A_MODEL.matcher(inside.getFileName().toString()).matches()
        && Files.isRegularFile(inside);
  }

  private static String named(List<String> below) {
    String all =
        (below.size() == 1 ? "a directory" : "directories") + " below it can be loaded: name ";
    return below.size() <= MAX_NAMED
        ? all + String.join(", or ", below)
        : all + String.join(", or ", below.subList(0, MAX_NAMED)) + ", or another";
  }
}

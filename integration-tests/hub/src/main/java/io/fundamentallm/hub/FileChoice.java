package io.fundamentallm.hub;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.stream.Stream;

/** Which files of a repository are downloaded. */
final class FileChoice {
  /**
   * What loading a model needs, and what says whose it is. Weights of other frameworks, folders
   * with other forms of the model, and GGUF files, of which a repository has many, are for those
   * who name them.
   */
  private static final List<String> DEFAULT =
      List.of(
          "*.json",
          "*.safetensors",
          "*.model",
          "*.txt",
          "*.jinja",
          "*.tiktoken",
          "*.md",
          "LICENSE*");

  private static final List<String> WEIGHTS =
      List.of("*.safetensors", "*.gguf", "*.onnx", "*.bin", "*.pt", "*.pth", "*.h5", "*.msgpack");

  private final List<String> patterns;

  FileChoice(List<String> patterns) {
    this.patterns = List.copyOf(patterns);
  }

  static FileChoice standard() {
    return new FileChoice(DEFAULT);
  }

  /**
   * The chosen ones, in their order.
   *
   * @param all every name in the repository
   */
  List<String> of(List<String> all, String repository) throws HubException {
    List<String> chosen = matching(patterns, all);
    boolean standard = patterns.equals(DEFAULT);
    if (chosen.isEmpty()) {
      throw new HubException(
          repository + " has no file like " + String.join(", ", patterns) + ": it has " + some(all),
          0,
          "");
    }
    if (standard && matching(List.of("*.safetensors"), all).isEmpty()) {
      List<String> weights = matching(WEIGHTS, all.stream().map(FileChoice::last).toList());
      if (!weights.isEmpty()) {
        throw new HubException(
            repository + " has no *.safetensors. Name what to download, of " + some(weights),
            0,
            "");
      }
    }
    return chosen;
  }

  private static List<String> matching(List<String> patterns, List<String> names) {
    List<PathMatcher> matchers =
        patterns.stream().map(p -> FileSystems.getDefault().getPathMatcher("glob:" + p)).toList();
    return names.stream()
        .filter(name -> matchers.stream().anyMatch(matcher -> matcher.matches(Path.of(name))))
        .toList();
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  private static String some(List<String> names) {
    int shown = 12;
    Stream<String> first = names.stream().limit(shown);
    String more = names.size() > shown ? ", and " + (names.size() - shown) + " more" : "";
    return names.isEmpty() ? "none at all" : String.join(", ", first.toList()) + more;
  }
}

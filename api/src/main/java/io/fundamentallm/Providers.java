package io.fundamentallm;

import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.NearestName;
import io.fundamentallm.spi.Provider;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.spi.TrainerProvider;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The providers of one kind: discovery that survives broken ones, and the choice by name. */
final class Providers<P extends Provider> {
  /** A broken services file could make an iterator fail forever. */
  private static final int MAX_FAILURES = 100;

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]*");

  /** What other programs call the parts. */
  private static final Map<String, String> ELSEWHERE =
      Map.of("nucleus", "top-p", "argmax", "greedy", "multinomial", "draw");

  /** What the runtime "gpu" is called after what it uses. */
  private static final Map<String, String> OF_ONNX_RUNTIME =
      Map.of(
          "cuda", "CUDA",
          "nvidia", "CUDA",
          "tensorrt", "CUDA",
          "onnx", "ONNX Runtime",
          "onnxruntime", "ONNX Runtime",
          "ort", "ONNX Runtime");

  private static final String BUILT_IN = "built in";
  private static final String GIVEN = "given by the application";

  private record Candidate<P>(P provider, int priority, String origin) {
    boolean isDiscovered() {
      return !origin.equals(BUILT_IN) && !origin.equals(GIVEN);
    }

    /** Whether the application gave one of the same class, as for a plugin with a services file. */
    boolean isGivenAs(Candidate<P> given) {
      return given.origin.equals(GIVEN)
          && given.provider.getClass().getName().equals(provider.getClass().getName());
    }
  }

  private final Class<P> kind;
  private final List<ClassLoader> loaders;

  /** By name; each list from the highest priority down, in order of discovery among equals. */
  private final SortedMap<String, List<Candidate<P>>> byName = new TreeMap<>();

  private final List<String> skipped = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();

  private Providers(Class<P> kind, List<ClassLoader> loaders) {
    this.kind = kind;
    this.loaders = loaders;
  }

  static <P extends Provider> Providers<P> discover(
      Class<P> kind, List<ClassLoader> loaders, List<Provider> given) {
    Providers<P> providers = new Providers<>(kind, loaders);
    for (Provider builtIn : BuiltIn.PROVIDERS) {
      providers.offer(builtIn, BUILT_IN);
    }
    for (Provider provider : given) {
      providers.offer(provider, GIVEN);
    }
    Set<String> seen = new HashSet<>();
    for (ClassLoader loader : loaders) {
      if (providers.sees(loader)) {
        providers.load(loader, seen);
      }
    }
    providers
        .byName
        .values()
        .forEach(
            list -> list.sort(Comparator.comparingInt((Candidate<P> c) -> c.priority).reversed()));
    return providers;
  }

  /** A loader with its own copy of the api would give providers of a different type. */
  private boolean sees(ClassLoader loader) {
    try {
      if (loader.loadClass(kind.getName()) == kind) {
        return true;
      }
      skipped.add(loader + " has its own copy of " + kind.getName());
    } catch (ClassNotFoundException e) {
      skipped.add(loader + " does not see " + kind.getName());
    }
    return false;
  }

  private void load(ClassLoader loader, Set<String> seen) {
    Iterator<P> iterator = ServiceLoader.load(kind, loader).iterator();
    for (int failed = 0; failed < MAX_FAILURES; ) {
      try {
        if (!iterator.hasNext()) {
          return;
        }
        P provider = iterator.next();
        // two loaders often lead to the same class, or to two copies of the same jar
        if (seen.add(provider.getClass().getName())) {
          offer(provider, source(provider.getClass()));
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        failures.add(e);
        failed++;
      }
    }
  }

  private void offer(Provider provider, String origin) {
    if (!kind.isInstance(provider)) {
      return;
    }
    try {
      String name = provider.name();
      requireName(provider, name);
      Candidate<P> candidate = new Candidate<>(kind.cast(provider), provider.priority(), origin);
      List<Candidate<P>> same = byName.computeIfAbsent(name, n -> new ArrayList<>());
      if (!candidate.isDiscovered() || same.stream().noneMatch(candidate::isGivenAs)) {
        same.add(candidate);
      }
    } catch (LinkageError | RuntimeException e) {
      failures.add(
          new ProviderException(
              provider.getClass().getName()
                  + " from "
                  + origin
                  + " cannot tell its name and priority: "
                  + (e instanceof IllegalArgumentException ? e.getMessage() : e),
              e));
    }
  }

  /**
   * Checks a name as {@link Provider#name()} describes it.
   *
   * @throws IllegalArgumentException if it is not such a name
   */
  static void requireName(Provider provider, @Nullable String name) {
    if (name == null || !NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "provider "
              + provider.getClass().getName()
              + " has the name "
              + (name == null ? "null" : '"' + name + '"')
              + "; expected lower case letters, digits, -, _ and ., beginning with a letter or a"
              + " digit");
    }
  }

  P find(String name) {
    List<Candidate<P>> candidates = byName.get(name);
    if (candidates == null) {
      throw notFound(name);
    }
    return winner(name, candidates).provider;
  }

  List<P> all() {
    List<Candidate<P>> winners = new ArrayList<>();
    byName.forEach((name, candidates) -> winners.add(winner(name, candidates)));
    winners.sort(Comparator.comparingInt((Candidate<P> c) -> c.priority).reversed());
    return winners.stream().map(Candidate::provider).toList();
  }

  private Candidate<P> winner(String name, List<Candidate<P>> candidates) {
    Candidate<P> first = candidates.get(0);
    if (candidates.size() > 1 && candidates.get(1).priority == first.priority) {
      throw new ProviderException(
          "two providers claim the "
              + word()
              + " \""
              + name
              + "\" with the same priority "
              + first.priority
              + ": "
              + describe(first)
              + " and "
              + describe(candidates.get(1))
              + ". Remove one, or give one a higher priority()");
    }
    return first;
  }

  private ProviderException notFound(String name) {
    StringBuilder message = new StringBuilder("no " + word() + " named \"" + name + "\".");
    String confused = confused(name);
    message.append(confused);
    Artifact standard = Artifact.of(kind, name);
    boolean known = name.equals(standard.provider()); // which is no misspelling of another
    Optional<String> meant =
        known || !confused.isEmpty()
            ? Optional.empty()
            : Optional.ofNullable(ELSEWHERE.get(name))
                .filter(other -> byName.containsKey(other))
                .or(() -> NearestName.of(name, byName.keySet()));
    meant.ifPresent(other -> message.append(" Did you mean \"" + other + "\"?"));
    appendFailures(message); // before the many names: one of these may be the one that is missed
    message.append(
        byName.isEmpty()
            ? " None was found at all."
            : " Found: " + String.join(", ", byName.keySet()) + ".");
    if (!byName.containsKey(standard.provider())) {
      message.append(known ? " It" : " A " + word() + " usually");
      message.append(" comes with the artifact io.fundamentallm:" + standard.artifact() + ".");
      message.append(mergedJarsHint());
    } else if (meant.isEmpty()) {
      String hint = mergedJarsHint();
      message.append(hint.isEmpty() ? "" : " One of a plugin may have been lost." + hint);
    }
    return exception(message);
  }

  /** Whether people call the runtime "gpu" by this name. */
  static boolean isOfOnnxRuntime(String name) {
    return OF_ONNX_RUNTIME.containsKey(name);
  }

  /** What people write where a sampler or decoder is expected; empty if this is nothing known. */
  private String confused(String name) {
    if (name.matches("[0-9]+")) {
      return " Numbers are written with a point, as in 0.7.";
    }
    if (kind == LanguageModelProvider.class && OF_ONNX_RUNTIME.containsKey(name)) {
      return " " + OF_ONNX_RUNTIME.get(name) + " is used by \"gpu\", which runs ONNX.";
    }
    if (kind == TrainerProvider.class
        && (name.equals("gpu")
            || discover(LanguageModelProvider.class, loaders, List.of())
                .byName
                .containsKey(name))) {
      return " \"" + name + "\" only runs models.";
    }
    Class<? extends Provider> other =
        kind == SamplerProvider.class
            ? DecoderProvider.class
            : kind == DecoderProvider.class ? SamplerProvider.class : null;
    return other == null || !discover(other, loaders, List.of()).byName.containsKey(name)
        ? ""
        : " It is a " + word(other) + ": name it where one is asked for.";
  }

  /**
   * What to do if several jars were merged into one and their lists of providers overwrote each
   * other.
   */
  private String mergedJarsHint() {
    String own = source(Providers.class);
    boolean one =
        discovered().findAny().isEmpty()
            ? own.endsWith(".jar") && !own.contains("fundamentallm-api")
            : discovered().anyMatch(candidate -> candidate.origin.equals(own));
    return one && !isMerged(own)
        ? " This library's jars were made into one, "
            + own
            + "; the files in META-INF/services have to be merged when that is done:"
            + " maven-shade-plugin does so with its ServicesResourceTransformer."
        : "";
  }

  /** Whether a jar's lists were merged: that of runtimes has those of two artifacts. */
  private boolean isMerged(String jar) {
    return discover(LanguageModelProvider.class, loaders, List.of())
            .discovered()
            .filter(candidate -> candidate.origin.equals(jar))
            .count()
        > 1;
  }

  private Stream<Candidate<P>> discovered() {
    return byName.values().stream().flatMap(List::stream).filter(Candidate::isDiscovered);
  }

  /** The answer when every provider refused a place, each for the reason listed. */
  ProviderException unsupported(String text, StringBuilder reasons) {
    StringBuilder message = new StringBuilder(text);
    if (reasons.isEmpty()) {
      message.append(
          ": no " + word() + " was found; one comes with the artifact io.fundamentallm:");
      message.append(Artifact.of(kind, "").artifact() + "." + mergedJarsHint());
    } else {
      message.append(". Asked, with their reasons:").append(reasons);
      boolean complete = byName.containsKey(Artifact.of(kind, "").provider());
      String lost = complete ? "" : mergedJarsHint();
      message.append(lost.isEmpty() ? "" : "\n" + lost.strip());
    }
    appendFailures(message);
    return exception(message);
  }

  private void appendFailures(StringBuilder message) {
    if (!failures.isEmpty()) {
      message.append(" Could not be loaded:");
      failures.forEach(failure -> message.append(" [" + failure + "]"));
      message.append('.');
    }
  }

  private ProviderException exception(StringBuilder message) {
    ProviderException exception = new ProviderException(message.toString());
    failures.forEach(exception::addSuppressed);
    return exception;
  }

  void explain(StringBuilder text) {
    text.append(word()).append(":\n");
    byName.forEach(
        (name, candidates) -> {
          Candidate<P> first = candidates.get(0);
          boolean tie = candidates.size() > 1 && candidates.get(1).priority == first.priority;
          for (int i = 0; i < candidates.size(); i++) {
            Candidate<P> candidate = candidates.get(i);
            text.append("  ").append(name).append(" (priority ").append(candidate.priority);
            text.append("): ").append(describe(candidate));
            if (tie && candidate.priority == first.priority) {
              text.append(": ambiguous, an error when looked up");
            } else if (i == 0) {
              text.append(": chosen");
              text.append(candidates.size() > 1 ? ", the highest priority" : ", the only one");
              text.append(" of this name");
            } else {
              text.append(": overridden");
            }
            text.append('\n');
          }
        });
    failures.forEach(failure -> text.append("  failed: ").append(failure).append('\n'));
    skipped.forEach(loader -> text.append("  not searched: ").append(loader).append('\n'));
  }

  private static String describe(Candidate<?> candidate) {
    return candidate.provider.getClass().getName() + " (" + candidate.origin + ")";
  }

  /** The jar or module that a class came from. */
  static String source(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return source == null || source.getLocation() == null
        ? "an unknown place"
        : source.getLocation().toString();
  }

  private String word() {
    return word(kind);
  }

  /** What a kind is called in messages. */
  static String word(Class<? extends Provider> kind) {
    if (kind == TokenizerProvider.class) {
      return "tokenizer";
    } else if (kind == LanguageModelProvider.class) {
      return "runtime";
    } else if (kind == SamplerProvider.class) {
      return "sampler stage";
    } else if (kind == TrainerProvider.class) {
      return "trainer";
    } else {
      return "decoder";
    }
  }
}

package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.buffers.Elements;
import io.fundamentallm.model.LoadingListener;
import io.fundamentallm.model.Spec;
import io.fundamentallm.model.SpecFiles;
import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Provider;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.spi.TrainerProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The providers that lookup chooses from. Discovers them on first use and keeps them, so make one
 * registry and pass it on where specs are parsed often. Thread-safe.
 *
 * <p>It searches this library's class loader, then the thread's context class loader if that sees
 * the same provider interface; the library's built-in parts are added. Providers given by {@link
 * #with} compete on the same terms: the name decides, then the priority. One that is also found, of
 * the same class and with the same name, counts once: as it was given.
 *
 * @apiNote For example:
 *     <pre>{@code
 * System.out.println(Registry.standard().explain()); // what was found, where, and what is chosen
 * }</pre>
 */
public final class Registry {
  private static final List<Class<? extends Provider>> KINDS =
      List.of(
          TokenizerProvider.class,
          LanguageModelProvider.class,
          SamplerProvider.class,
          DecoderProvider.class,
          TrainerProvider.class);

  /** How a missing class is named, where there is no more to say of it. */
  private static final Pattern CLASS_FILE = Pattern.compile("[\\w$]+(/[\\w$]+)+");

  private static final SpecFiles FILES = SpecFiles.fileSystem();

  private final List<ClassLoader> loaders;
  private final List<Provider> given;
  private final SpecFiles files;
  private final LoadingListener listener;
  private final Map<Class<?>, Providers<?>> found = new ConcurrentHashMap<>();

  private Registry(
      List<ClassLoader> loaders, List<Provider> given, SpecFiles files, LoadingListener listener) {
    this.loaders = loaders;
    this.given = given;
    this.files = files;
    this.listener = listener;
  }

  /** What this library's class loader and the calling thread's context class loader see. */
  public static Registry standard() {
    List<ClassLoader> loaders = new ArrayList<>();
    ClassLoader own = Registry.class.getClassLoader();
    if (own != null) {
      loaders.add(own);
    }
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    if (context != null && context != own) {
      loaders.add(context);
    }
    return new Registry(loaders, List.of(), FILES, LoadingListener.none());
  }

  /** What these class loaders see, in this order; for frameworks, tests and OSGi. */
  public static Registry of(ClassLoader... loaders) {
    return new Registry(
        Elements.copy(loaders, "loaders"), List.of(), FILES, LoadingListener.none());
  }

  /**
   * The same, plus these providers.
   *
   * @throws IllegalArgumentException if one's name is not as {@link Provider#name()} describes it
   */
  public Registry with(Provider... providers) {
    List<Provider> all = new ArrayList<>(given);
    for (Provider provider : Elements.copy(providers, "providers")) {
      requireName(provider);
      all.add(provider);
    }
    return new Registry(loaders, List.copyOf(all), files, listener);
  }

  private static void requireName(Provider provider) {
    String name;
    try {
      name = provider.name();
    } catch (LinkageError | RuntimeException e) {
      return; // said in explain(), and with the next name that is not found
    }
    Providers.requireName(provider, name);
  }

  /**
   * The same, but reads the files that specs name in another way than from the file system; use
   * {@link SpecFiles#none()} for specs that others write.
   */
  public Registry withFiles(SpecFiles files) {
    return new Registry(loaders, given, requireNonNull(files, "files"), listener);
  }

  /**
   * The same, but tells the listener how far the loading of a model is, as in {@code
   * TextGenerator.load(directory, Registry.standard().withLoadingListener(listener))}. The runtime
   * {@code gpu} reports nothing: ONNX Runtime reads the weights.
   */
  public Registry withLoadingListener(LoadingListener listener) {
    return new Registry(loaders, given, files, requireNonNull(listener, "listener"));
  }

  /** Who is told how far the loading of a model is. */
  LoadingListener loadingListener() {
    return listener;
  }

  /**
   * What distinguishes registries. Those that look into the same class loaders and were given no
   * providers find the same parts, wherever the texts of specs come from and whoever listens.
   */
  Object identity() {
    return given.isEmpty() ? loaders : this;
  }

  /**
   * The provider of a name.
   *
   * @param kind one of the five provider interfaces
   * @throws ProviderException when the name is unknown, or two providers of the same priority claim
   *     it
   */
  public <P extends Provider> P find(Class<P> kind, String name) {
    return providers(kind).find(requireNonNull(name, "name"));
  }

  /**
   * The provider that wins for each name, highest priority first, then by name. A name that two
   * providers claim with the same priority is an error here too.
   *
   * @param kind one of the five provider interfaces
   */
  public <P extends Provider> List<P> all(Class<P> kind) {
    return providers(kind).all();
  }

  /**
   * What was found and where, what each name stands for and why, and what could not be loaded; for
   * people to read.
   */
  public String explain() {
    StringBuilder text = new StringBuilder();
    for (Class<? extends Provider> kind : KINDS) {
      providers(kind).explain(text);
    }
    return text.toString();
  }

  /** Finds the stage's provider, makes the part, and checks that every option was understood. */
  <P extends Provider, T> T create(
      Class<P> kind, Spec.Stage stage, BiFunction<P, Options, T> create) {
    P provider = find(kind, stage.name());
    Options options = options(kind, stage);
    T part = linked(provider, () -> create.apply(provider, options));
    options.requireAllUsed();
    return part;
  }

  /** The options of a part of some kind, its files read. */
  Options options(Class<? extends Provider> kind, Spec.Stage stage) {
    String word = kind == SamplerProvider.class ? "stage" : Providers.word(kind);
    return Options.of(word, stage.name(), read(stage).options());
  }

  /** The stage with the texts of the files that it names. */
  Spec.Stage read(Spec.Stage stage) {
    return stage.read(files);
  }

  /** The answer when every provider refused a place. */
  ProviderException unsupported(
      Class<? extends Provider> kind, String message, StringBuilder reasons) {
    return providers(kind).unsupported(message, reasons);
  }

  /** Something that may throw a checked exception. */
  interface Call<T, E extends Exception> {
    T call() throws E;
  }

  /** Asks a provider whether it can load a place; a broken one cannot, but the others still can. */
  static Support supports(Provider provider, Supplier<Support> ask) {
    try {
      Support support = ask.get();
      return support == null ? Support.no("it failed to check: it returned null") : support;
    } catch (LinkageError e) {
      return Support.no("it failed to check: " + missing(e).orElse(e.toString()));
    } catch (RuntimeException e) {
      return Support.no("it failed to check: " + e);
    }
  }

  /**
   * Asks a provider for a part, and explains the failure if there is none, or if the provider was
   * built against another version of the api.
   */
  static <T, E extends Exception> T linked(Provider provider, Call<T, E> call) throws E {
    T part;
    try {
      part = call.call();
    } catch (LinkageError e) {
      throw unlinked(described(provider), e);
    }
    if (part == null) {
      throw new ProviderException(
          described(provider) + " returned null for \"" + provider.name() + "\"; expected a part");
    }
    return part;
  }

  private static String described(Provider provider) {
    return "provider "
        + provider.getClass().getName()
        + " from "
        + Providers.source(provider.getClass());
  }

  /** The error for a part without a jar that it needs, or built against another api. */
  static ProviderException unlinked(String part, LinkageError e) {
    return new ProviderException(
        part
            + missing(e)
                .map(missing -> " cannot be used: " + missing)
                .orElse(
                    " does not fit this version of the api ("
                        + e
                        + "). Align the versions of all fundamentallm artifacts with the BOM"
                        + " io.fundamentallm:fundamentallm-bom"),
        e);
  }

  /** What to do if it is a class of others that is missing, and so a whole jar. */
  private static Optional<String> missing(LinkageError e) {
    String name = String.valueOf(e.getMessage());
    return e instanceof NoClassDefFoundError
            && CLASS_FILE.matcher(name).matches()
            && !name.startsWith("io/fundamentallm/")
        ? Optional.of(
            name.replace('/', '.')
                + " is missing: add the jar that has it; with Maven or Gradle it comes by itself")
        : Optional.empty();
  }

  private <P extends Provider> Providers<P> providers(Class<P> kind) {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException(kind.getName() + " is not a kind of provider");
    }
    @SuppressWarnings("unchecked") // put under the same kind below
    Providers<P> providers =
        (Providers<P>) found.computeIfAbsent(kind, k -> Providers.discover(kind, loaders, given));
    return providers;
  }
}

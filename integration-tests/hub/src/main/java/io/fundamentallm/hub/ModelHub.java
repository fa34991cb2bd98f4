package io.fundamentallm.hub;

import io.fundamentallm.model.Cancellation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Downloads models from the Hugging Face hub, or from a mirror of it.
 *
 * <pre>{@code
 * Path model = ModelHub.standard().download("Qwen/Qwen3-0.6B");
 * try (TextGenerator generator = TextGenerator.load(model)) { … }
 * }</pre>
 *
 * <p>{@link #download(String)} fills the cache that huggingface_hub for Python has on this machine,
 * in the same layout, so that each content lies there once for all. {@link #downloadInto} and
 * {@link #download(String, Path)} write plain files into a directory. In both cases what is there
 * is not downloaded again, a transfer that broke off goes on where it ended, also in a later
 * process, and each file is compared with the checksum that the hub gives before it gets its name.
 *
 * <p>Immutable and thread-safe; each method {@code with…} returns a changed copy. Two downloads of
 * one model wait for each other, also between processes. A method fails with {@link HubException}
 * where the hub refuses, with another {@link IOException} where the network or the disk fails, and
 * with {@link java.util.concurrent.CancellationException} when cancelled; what was downloaded until
 * then stays for the next call.
 */
public final class ModelHub {
  /** The branch that a repository has from its beginning. */
  private static final String MAIN = "main";

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final HubSettings settings;
  private final String revision;
  private final FileChoice choice;
  private final DownloadListener listener;
  private final Cancellation cancellation;
  private final Duration patience;
  private final Duration pause;

  ModelHub(
      HubSettings settings,
      String revision,
      FileChoice choice,
      DownloadListener listener,
      Cancellation cancellation,
      Duration patience,
      Duration pause) {
    this.settings = settings;
    this.revision = revision;
    this.choice = choice;
    this.listener = listener;
    this.cancellation = cancellation;
    this.patience = patience;
    this.pause = pause;
  }

  /**
   * As the environment says, by the names that huggingface_hub reads: {@code HF_ENDPOINT}, {@code
   * HF_HOME}, {@code HF_HUB_CACHE}, {@code HF_TOKEN} or the file of {@code hf auth login}, {@code
   * HF_HUB_OFFLINE}. The branch {@code main}, and of its files those that loading a model needs.
   *
   * @throws UncheckedIOException if the file with the token cannot be read
   */
  public static ModelHub standard() {
    try {
      Path home = Path.of(System.getProperty("user.home", "."));
      return of(HubSettings.of(System.getenv(), home), PATIENCE, PAUSE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ModelHub of(HubSettings settings, Duration patience, Duration pause) {
    return new ModelHub(
        settings,
        MAIN,
        FileChoice.standard(),
        (file, done, size) -> {},
        Cancellation.none(),
        patience,
        pause);
  }

  /**
   * {@code standard().downloadInto(repository, directory)}.
   *
   * @param repository such as {@code Qwen/Qwen3-0.6B}
   * @param directory is made if it is not there
   * @return the directory
   */
  public static Path download(String repository, Path directory) throws IOException {
    return standard().downloadInto(repository, directory);
  }

  /** Another address than the hub's own, such as a mirror inside a company. */
  public ModelHub withEndpoint(URI endpoint) {
    URI checked = HubSettings.endpoint(endpoint.toString());
    return with(new HubSettings(checked, settings.cache(), settings.token(), settings.offline()));
  }

  /** Another directory for the cache. */
  public ModelHub withCache(Path directory) {
    Objects.requireNonNull(directory, "directory");
    return with(
        new HubSettings(settings.endpoint(), directory, settings.token(), settings.offline()));
  }

  /**
   * The token for private and gated repositories. It is sent to the endpoint's host and to no
   * other.
   *
   * @param token null for none, whatever the environment says
   */
  public ModelHub withToken(@Nullable String token) {
    return with(new HubSettings(settings.endpoint(), settings.cache(), token, settings.offline()));
  }

  /** Asks the hub for nothing: what the cache holds, or an exception. */
  public ModelHub offline() {
    return with(new HubSettings(settings.endpoint(), settings.cache(), settings.token(), true));
  }

  /**
   * A branch, a tag, or the 40 digits of a commit. Only a commit is the same for ever: pin one in
   * production.
   */
  public ModelHub withRevision(String branchTagOrCommit) {
    String checked = RepositoryName.checkRevision(branchTagOrCommit);
    return new ModelHub(settings, checked, choice, listener, cancellation, patience, pause);
  }

  /**
   * Which files to download instead of those that are usual.
   *
   * @param globs such as {@code *Q4_K_M.gguf}, as {@link java.nio.file.FileSystem#getPathMatcher}
   *     has them; {@code *} does not cross a slash and {@code **} does
   */
  public ModelHub withFiles(String... globs) {
    if (globs.length == 0) {
      throw new IllegalArgumentException("no file is named");
    }
    FileChoice named = new FileChoice(Arrays.asList(globs));
    return new ModelHub(settings, revision, named, listener, cancellation, patience, pause);
  }

  /** Who hears of progress. */
  public ModelHub withListener(DownloadListener heard) {
    Objects.requireNonNull(heard, "listener");
    return new ModelHub(settings, revision, choice, heard, cancellation, patience, pause);
  }

  /** Asked many times a second whether to go on. */
  public ModelHub withCancellation(Cancellation asked) {
    Objects.requireNonNull(asked, "cancellation");
    return new ModelHub(settings, revision, choice, listener, asked, patience, pause);
  }

  /**
   * Downloads into the cache what it does not hold yet.
   *
   * @param repository such as {@code Qwen/Qwen3-0.6B}
   * @return the model's directory in the cache. It is the cache's: read it only
   */
  public Path download(String repository) throws IOException {
    HubCache cache = cache(repository);
    if (settings.offline()) {
      return snapshot(cache, repository);
    }
    return fetch(repository, cache);
  }

  /**
   * Downloads into a directory, or copies there what the cache holds.
   *
   * @param repository such as {@code Qwen/Qwen3-0.6B}
   * @param directory is made if it is not there; files in it with the names of downloaded ones and
   *     another content are replaced
   * @return the directory
   */
  public Path downloadInto(String repository, Path directory) throws IOException {
    Objects.requireNonNull(directory, "directory");
    HubCache cache = cache(repository);
    LocalDirectory to = new LocalDirectory(directory, cache);
    if (!settings.offline()) {
      return fetch(repository, to);
    }
    Path snapshot = snapshot(cache, repository);
    DownloadLock lock = DownloadLock.take(to.lock(), cancellation);
    try {
      copy(repository, snapshot, directory);
    } finally {
      lock.close();
    }
    return directory;
  }

  private HubCache cache(String repository) {
    return new HubCache(settings.cache(), RepositoryName.check(repository));
  }

  private Path snapshot(HubCache cache, String repository) throws IOException {
    Optional<Path> snapshot = cache.commit(revision).map(cache::snapshot);
    if (snapshot.isEmpty() || !Files.isDirectory(snapshot.get())) {
      throw new HubException(
          "offline, and the cache in "
              + settings.cache()
              + " does not hold "
              + repository
              + " at "
              + revision
              + ": download it once with a network",
          0,
          "");
    }
    return snapshot.get();
  }

  private void copy(String repository, Path snapshot, Path directory) throws IOException {
    List<String> names;
    try (Stream<Path> files = Files.walk(snapshot)) {
      names =
          files
              .filter(Files::isRegularFile)
              .map(file -> snapshot.relativize(file).toString().replace('\\', '/'))
              .sorted()
              .toList();
    }
    for (String name : choice.of(names, repository)) {
      cancellation.throwIfCancelled();
      Path to = directory.resolve(name);
      Files.createDirectories(Directories.parent(to));
      Directories.copy(snapshot.resolve(name), to);
      long size = Files.size(to);
      listener.onProgress(name, size, size);
    }
  }

  private Path fetch(String repository, Destination to) throws IOException {
    HubConnection hub =
        new HubConnection(settings.endpoint(), settings.token(), patience, cancellation);
    String what = repository + " at " + revision;
    URI api = hub.address("api/models/" + repository + "/revision/" + encoded(revision));
    ModelListing listing = ModelListing.parse(hub.json(api, what), repository);
    List<RemoteFile> files = new ArrayList<>();
    for (String name : choice.of(listing.files(), repository)) {
      files.add(described(hub, repository, listing.commit(), name));
    }
    if (to instanceof LocalDirectory directory) {
      directory.at(listing.commit());
    }
    Transfer transfer = new Transfer(hub, pause, listener, cancellation);
    DownloadLock lock = DownloadLock.take(to.lock(), cancellation);
    try {
      for (RemoteFile file : files) {
        cancellation.throwIfCancelled();
        if (to.has(file)) {
          listener.onProgress(file.name(), Math.max(0, file.size()), file.size());
        } else {
          Path partial = to.partial(file);
          transfer.fetch(file, partial);
          to.accept(file, partial);
        }
      }
      return to.finish(revision, listing.commit(), files);
    } finally {
      lock.close();
    }
  }

  /** Asks for the headers of a file; its bytes come later, and only if they are not there. */
  private static RemoteFile described(
      HubConnection hub, String repository, String commit, String name) throws IOException {
    String path =
        Stream.of(name.split("/")).map(ModelHub::encoded).collect(Collectors.joining("/"));
    URI at = hub.address(repository + "/resolve/" + commit + "/" + path);
    HubConnection.Answer answer = hub.head(at, repository + "/" + name);
    String linked = answer.header("X-Linked-Etag");
    String etag = (linked.isEmpty() ? answer.header("ETag") : linked).replaceAll("^W/|\"", "");
    if (!RemoteFile.isSafeEtag(etag)) {
      throw new IOException(
          at + " has the ETag \"" + etag + "\": a proxy on the way seems to drop the hub's");
    }
    String size = answer.header("X-Linked-Size");
    if (size.isEmpty() && answer.status() == 200) {
      size = answer.header("Content-Length");
    }
    return new RemoteFile(name, at, etag, size.matches("[0-9]{1,18}") ? Long.parseLong(size) : -1);
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private ModelHub with(HubSettings changed) {
    return new ModelHub(changed, revision, choice, listener, cancellation, patience, pause);
  }

  /** What is asked where, without the token. */
  @Override
  public String toString() {
    return "ModelHub[" + settings + ", revision " + revision + "]";
  }
}

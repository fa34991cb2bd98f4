package io.fundamentallm.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * One repository in the cache of huggingface_hub, which its Python library and others share: {@code
 * blobs} holds contents by etag, {@code refs} the commit of each branch and tag, {@code snapshots}
 * a folder for each commit with links into {@code blobs}.
 *
 * <p>A snapshot is linked and its ref written when all files are there, so that who is offline
 * finds whole snapshots only.
 */
final class HubCache implements Destination {
  private final Path root;
  private final String folder;
  private final Path repository;

  HubCache(Path root, String name) {
    this.root = root;
    this.folder = "models--" + name.replace("/", "--");
    this.repository = root.resolve(folder);
  }

  /** The commit that a revision named when it was downloaded last. */
  Optional<String> commit(String revision) throws IOException {
    if (RepositoryName.isCommit(revision)) {
      return Optional.of(revision);
    }
    Path ref = ref(revision);
    if (!Files.isRegularFile(ref)) {
      return Optional.empty();
    }
    String commit = Files.readString(ref, StandardCharsets.UTF_8).strip();
    if (!RepositoryName.isCommit(commit)) {
      throw new IOException(ref + " holds \"" + commit + "\" instead of a commit: delete it");
    }
    return Optional.of(commit);
  }

  Path snapshot(String commit) {
    return repository.resolve("snapshots").resolve(commit);
  }

  /** Where a content lies, if it does. */
  Optional<Path> content(RemoteFile file) throws IOException {
    Path blob = blob(file.etag());
    boolean whole =
        Files.isRegularFile(blob) && (file.size() < 0 || Files.size(blob) == file.size());
    return whole ? Optional.of(blob) : Optional.empty();
  }

  @Override
  public boolean has(RemoteFile file) throws IOException {
    return content(file).isPresent();
  }

  @Override
  public Path partial(RemoteFile file) throws IOException {
    Files.createDirectories(repository.resolve("blobs"));
    return blob(file.etag() + ".incomplete");
  }

  @Override
  public void accept(RemoteFile file, Path partial) throws IOException {
    Files.move(partial, blob(file.etag()), StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public Path finish(String revision, String commit, Iterable<RemoteFile> files)
      throws IOException {
    Path snapshot = Files.createDirectories(snapshot(commit));
    for (RemoteFile file : files) {
      link(snapshot.resolve(file.name()), blob(file.etag()));
    }
    if (!RepositoryName.isCommit(revision)) {
      Path ref = ref(revision);
      Files.createDirectories(parent(ref));
      Path written = Directories.beside(ref);
      Files.writeString(written, commit, StandardCharsets.UTF_8);
      Files.move(written, ref, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    return snapshot;
  }

  @Override
  public Path lock() {
    return root.resolve(".locks").resolve(folder).resolve("fundamentallm.lock");
  }

  /**
   * A relative link, so that the cache can be moved; a second name or a copy where there are none.
   */
  private static void link(Path name, Path blob) throws IOException {
    Files.createDirectories(parent(name));
    if (Files.exists(name) && Files.isSameFile(name, blob)) {
      return;
    }
    if (Files.exists(name, LinkOption.NOFOLLOW_LINKS)) {
      Files.delete(name);
    }
    try {
      Files.createSymbolicLink(name, parent(name).relativize(blob));
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (FileSystemException | UnsupportedOperationException | SecurityException e) {
      Directories.linkOrCopy(blob, name);
    }
  }

  private Path blob(String name) {
    return repository.resolve("blobs").resolve(name);
  }

  private Path ref(String revision) {
    return repository.resolve("refs").resolve(revision);
  }

  private static Path parent(Path file) {
    return Directories.parent(file);
  }
}

package io.fundamentallm.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A directory with plain files, as of huggingface_hub's {@code local_dir}. What came when, and what
 * is not whole yet, is noted below {@code .cache/huggingface/download} in it. What the cache holds
 * is copied from there.
 */
final class LocalDirectory implements Destination {
  private final Path directory;
  private final HubCache cache;

  /** Of the files that this download brings or finds. */
  private String commit = "";

  LocalDirectory(Path directory, HubCache cache) {
    this.directory = directory;
    this.cache = cache;
  }

  /** The commit to note beside each file. */
  LocalDirectory at(String noted) {
    commit = noted;
    return this;
  }

  @Override
  public boolean has(RemoteFile file) throws IOException {
    Path own = directory.resolve(file.name());
    if (Files.isRegularFile(own)
        && (file.size() < 0 || Files.size(own) == file.size())
        && (isNoted(file, own) || Checksum.matches(own, file.etag()))) {
      note(file);
      return true;
    }
    Optional<Path> cached = cache.content(file);
    if (cached.isEmpty()) {
      return false;
    }
    Files.createDirectories(Directories.parent(own));
    Directories.copy(cached.get(), own);
    note(file);
    return true;
  }

  @Override
  public Path partial(RemoteFile file) throws IOException {
    Path partial = notes(file.name() + "." + file.etag() + ".incomplete");
    Files.createDirectories(Directories.parent(partial));
    return partial;
  }

  @Override
  public void accept(RemoteFile file, Path partial) throws IOException {
    Path own = directory.resolve(file.name());
    Files.createDirectories(Directories.parent(own));
    Files.move(partial, own, StandardCopyOption.REPLACE_EXISTING);
    note(file);
  }

  @Override
  public Path finish(String revision, String of, Iterable<RemoteFile> files) {
    return directory;
  }

  @Override
  public Path lock() {
    return notes(".lock");
  }

  /**
   * Whether the file is unchanged since this content was noted: reading gigabytes takes minutes.
   */
  private boolean isNoted(RemoteFile file, Path own) throws IOException {
    Path note = notes(file.name() + ".metadata");
    if (!Files.isRegularFile(note)) {
      return false;
    }
    List<String> lines = Files.readAllLines(note, StandardCharsets.UTF_8);
    if (lines.size() < 3 || !lines.get(1).equals(file.etag())) {
      return false;
    }
    try {
      double seconds = Double.parseDouble(lines.get(2));
      return Files.getLastModifiedTime(own).toMillis() / 1e3 <= seconds + 1;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private void note(RemoteFile file) throws IOException {
    Path note = notes(file.name() + ".metadata");
    Files.createDirectories(Directories.parent(note));
    Path ignored = directory.resolve(".cache/huggingface/.gitignore");
    if (!Files.exists(ignored)) {
      Files.writeString(ignored, "*", StandardCharsets.UTF_8);
    }
    String now = String.format(Locale.ROOT, "%.3f", System.currentTimeMillis() / 1e3);
    Files.writeString(
        note, commit + "\n" + file.etag() + "\n" + now + "\n", StandardCharsets.UTF_8);
  }

  private Path notes(String name) {
    return directory.resolve(".cache/huggingface/download").resolve(name);
  }
}

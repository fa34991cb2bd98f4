package io.fundamentallm.contract;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The file system below, but what would matter should the power fail is told to a disk. */
final class RecordingProvider extends FileSystemProvider {
  private final RecordedDisk disk;
  private final FileSystem fileSystem = new Whole();

  RecordingProvider(RecordedDisk disk) {
    this.disk = disk;
  }

  FileSystem fileSystem() {
    return fileSystem;
  }

  private static Path real(Path path) {
    return RecordingPath.real(path).toAbsolutePath();
  }

  @Override
  public String getScheme() {
    return "recording";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> settings) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    Path real = real(path);
    boolean isNew = !Files.exists(real);
    FileChannel channel = FileChannel.open(real, options, attributes);
    if (isNew) {
      disk.created(real, false);
    } else if (options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
      disk.written(real);
    }
    return new RecordingChannel(
        channel,
        new RecordingChannel.Listener() {
          @Override
          public void written() {
            disk.written(real);
          }

          @Override
          public void forced() throws IOException {
            disk.forced(real);
          }
        });
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(RecordingPath.real(directory))) {
      for (Path path : stream) {
        Path wrapped = new RecordingPath(this, path);
        if (filter.accept(wrapped)) {
          all.add(wrapped);
        }
      }
    }
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        return all.iterator();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
    Files.createDirectory(RecordingPath.real(directory), attributes);
    disk.created(real(directory), true);
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.delete(RecordingPath.real(path));
    disk.deleted(real(path));
  }

  @Override
  public void copy(Path from, Path to, CopyOption... options) throws IOException {
    Files.copy(RecordingPath.real(from), RecordingPath.real(to), options);
    disk.created(real(to), Files.isDirectory(real(to)));
  }

  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    Files.move(RecordingPath.real(from), RecordingPath.real(to), options);
    disk.renamed(real(from), real(to));
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return Files.isSameFile(RecordingPath.real(one), RecordingPath.real(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return Files.isHidden(RecordingPath.real(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return Files.getFileStore(RecordingPath.real(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    Path real = RecordingPath.real(path);
    real.getFileSystem().provider().checkAccess(real, modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return Files.getFileAttributeView(RecordingPath.real(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return Files.readAttributes(RecordingPath.real(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return Files.readAttributes(RecordingPath.real(path), names, options);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    Files.setAttribute(RecordingPath.real(path), name, value, options);
  }

  /** All paths. */
  private final class Whole extends ForwardingFileSystem {
    @Override
    public FileSystemProvider provider() {
      return RecordingProvider.this;
    }

    @Override
    protected Path wrap(Path real) {
      return new RecordingPath(RecordingProvider.this, real);
    }

    @Override
    protected Path unwrap(Path path) {
      return RecordingPath.real(path);
    }
  }
}

package io.fundamentallm.contract;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * The files of the disk as a process sees them that is killed between two changes: from then on
 * each change throws and nothing changes any more, so that what lies there is what a kill leaves.
 */
public final class MortalFiles extends ForwardingFileSystem {
  /** The process is gone. */
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  private final FileSystem disk = FileSystems.getDefault();
  private final FileSystemProvider provider = new Provider();
  private final Runnable end;
  private int changesLeft;

  /**
   * @param changes of files and directories that still come about
   */
  public MortalFiles(int changes) {
    this(
        changes,
        () -> {
          throw new Killed();
        });
  }

  /**
   * @param changes before those that something comes between
   * @param end what comes before each of the others
   */
  public MortalFiles(int changes, Runnable end) {
    changesLeft = changes;
    this.end = end;
  }

  /** A path of the disk, in this process. */
  public Path path(Path real) {
    return (Path)
        Proxy.newProxyInstance(
            Path.class.getClassLoader(),
            new Class<?>[] {Path.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getFileSystem")) {
                return this;
              }
              Object[] own = arguments == null ? new Object[0] : arguments.clone();
              Arrays.setAll(own, i -> own[i] instanceof Path path ? real(path) : own[i]);
              if (method.getName().equals("equals")) {
                return real.equals(own[0]);
              }
              try {
                return wrapped(method.invoke(real, own));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private Object wrapped(Object result) {
    if (result instanceof Path path) {
      return path(path);
    }
    if (result instanceof Iterator<?> paths) {
      return new Wrapping(paths);
    }
    return result;
  }

  private final class Wrapping implements Iterator<Path> {
    private final Iterator<?> paths;

    private Wrapping(Iterator<?> paths) {
      this.paths = paths;
    }

    @Override
    public boolean hasNext() {
      return paths.hasNext();
    }

    @Override
    public Path next() {
      return path((Path) paths.next());
    }
  }

  /** The path on the disk; all paths of these files print as such. */
  private Path real(Path path) {
    return path.getFileSystem() == disk ? path : disk.getPath(path.toString());
  }

  private void change() {
    if (changesLeft == 0) {
      end.run();
    } else {
      changesLeft--;
    }
  }

  private final class Provider extends FileSystemProvider {
    private final FileSystemProvider of = disk.provider();

    private void changeIf(Set<? extends OpenOption> options) {
      if (options.contains(StandardOpenOption.WRITE)
          || options.contains(StandardOpenOption.APPEND)) {
        change();
      }
    }

    @Override
    public FileChannel newFileChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      changeIf(options);
      return of.newFileChannel(real(path), options, attributes);
    }

    @Override
    public SeekableByteChannel newByteChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      changeIf(options);
      return of.newByteChannel(real(path), options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
        Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
      DirectoryStream<Path> paths = of.newDirectoryStream(real(directory), p -> true);
      return new DirectoryStream<>() {
        @Override
        public Iterator<Path> iterator() {
          return new Wrapping(paths.iterator());
        }

        @Override
        public void close() throws IOException {
          paths.close();
        }
      };
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
      if (!Files.exists(real(directory))) {
        change();
      }
      of.createDirectory(real(directory), attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
      change();
      of.delete(real(path));
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
      change();
      of.copy(real(source), real(target), options);
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
      change();
      of.move(real(source), real(target), options);
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
      return of.isSameFile(real(path), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
      return of.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
      return of.getFileStore(real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
      of.checkAccess(real(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(
        Path path, Class<V> type, LinkOption... options) {
      return of.getFileAttributeView(real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
        Path path, Class<A> type, LinkOption... options) throws IOException {
      return of.readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
        throws IOException {
      return of.readAttributes(real(path), names, options);
    }

    @Override
    public void setAttribute(Path path, String name, Object value, LinkOption... options)
        throws IOException {
      change();
      of.setAttribute(real(path), name, value, options);
    }

    @Override
    public String getScheme() {
      return "mortal";
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
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  protected Path wrap(Path real) {
    return path(real);
  }

  @Override
  protected Path unwrap(Path path) {
    return real(path);
  }
}

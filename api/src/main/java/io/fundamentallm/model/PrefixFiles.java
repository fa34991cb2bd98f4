package io.fundamentallm.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.internal.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Beginnings in a directory: for each a file of keys and values as {@link Session#save} writes it,
 * and, written after it, one of its tokens. Both are named after what identifies model, tokenizer
 * and tokens. Thread-safe.
 */
final class PrefixFiles {
  private static final String SESSION = ".session";
  private static final String TOKENS = ".tokens";
  private static final long MAGIC = 0x314B544D4C4C5546L; // "FULLMTK1"

  /** Magic, checksum and two lengths. */
  private static final int FRAME = Long.BYTES + 3 * Integer.BYTES;

  /** More tokens than any context has. */
  private static final int MAX_TOKENS = 1 << 24;

  private static final int MAX_OWNER = 4000;

  /** Reading fewer tokens than this takes no longer than reading a file. */
  static final int WORTH_A_FILE = 32;

  /** The longest that identifies a tokenizer for {@link Session#save}, in characters. */
  private static final int MAX_TOKENIZER = 1000;

  /** A session without tokens may be one that another process is writing. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  private final Path directory;
  private final String tokenizer;
  private final long maxBytes;

  // guarded by this, as what follows; the least recently used first
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private long bytes;
  private long restored;
  private long written;
  private long failures;
  private @Nullable String lastFailure;

  /** What lies in two files. */
  private record Entry(String name, String owner, int[] tokens, long bytes) {}

  /** A session from a file, which the caller owns. */
  record Restored(int[] tokens, Session session) {}

  private PrefixFiles(Path directory, String tokenizer, long maxBytes) {
    this.directory = directory;
    this.tokenizer = tokenizer;
    this.maxBytes = maxBytes;
  }

  static PrefixFiles open(Path directory, String tokenizer, long maxBytes) throws IOException {
    if (tokenizer.length() > MAX_TOKENIZER) {
      throw new IllegalArgumentException(
          "tokenizer has "
              + tokenizer.length()
              + " characters, expected at most "
              + MAX_TOKENIZER
              + ", such as those of Tokenizer.fingerprint()");
    }
    try {
      create(directory);
    } catch (FileSystemException e) {
      String reason =
          e instanceof FileAlreadyExistsException
              ? "there is a file of that name: " + e.getFile()
              : e instanceof AccessDeniedException
                  ? "permission denied"
                  : e.getReason() == null ? "the system refuses it" : e.getReason();
      throw new IOException(
          "the directory "
              + directory
              + " for remembered prompts cannot be created ("
              + reason
              + ")",
          e);
    }
    PrefixFiles files = new PrefixFiles(directory, tokenizer, maxBytes);
    files.list();
    return files;
  }

  private static void create(Path directory) throws IOException {
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      DurableFiles.createDirectories(parent);
    }
    try {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (UnsupportedOperationException e) {
      Files.createDirectories(directory);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
  }

  private synchronized void list() throws IOException {
    List<Path> found;
    try (Stream<Path> all = Files.list(directory)) {
      found = all.filter(file -> isOurs(file.getFileName().toString())).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    List<Path> named = new ArrayList<>();
    for (Path file : found) {
      String name = file.getFileName().toString();
      if (name.endsWith(TOKENS)) {
        named.add(file);
      } else if (!Files.exists(directory.resolve(name.replaceFirst("\\..*", "") + TOKENS))
          && lastUse(file).toInstant().isBefore(Instant.now().minus(ABANDONED))) {
        try {
          Files.deleteIfExists(file);
        } catch (IOException e) {
          failed(e);
        }
      }
    }
    named.sort(Comparator.comparing(PrefixFiles::lastUse));
    for (Path file : named) {
      String name = file.getFileName().toString().replace(TOKENS, "");
      try {
        Entry entry = read(name, file);
        entries.put(name, entry);
        bytes += entry.bytes;
      } catch (IOException e) {
        failed(e);
        delete(name);
      }
    }
    makeRoom(0);
  }

  private static boolean isOurs(String file) {
    return file.matches("[0-9a-f]{32}\\.(session|tokens)(\\.[0-9a-f]+\\.tmp)?");
  }

  private static FileTime lastUse(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }

  private Entry read(String name, Path file) throws IOException {
    long size = Files.size(file);
    if (size < FRAME || size > FRAME + MAX_OWNER + 4L * MAX_TOKENS) {
      throw new IOException(file + ": has " + size + " bytes and is torn");
    }
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
    CRC32C checksum = new CRC32C();
    checksum.update(in.slice(0, in.capacity() - Integer.BYTES));
    if (in.getInt(in.capacity() - Integer.BYTES) != (int) checksum.getValue()
        || in.getLong() != MAGIC) {
      throw new IOException(file + ": is torn, its checksum is not that of its bytes");
    }
    int ownerLength = in.getInt();
    int count = in.getInt();
    if (ownerLength < 0
        || ownerLength > MAX_OWNER
        || count < 1
        || FRAME + ownerLength + 4L * count != in.capacity()) {
      throw new IOException(file + ": announces more or less than it holds");
    }
    byte[] owner = new byte[ownerLength];
    in.get(owner);
    int[] tokens = new int[count];
    in.asIntBuffer().get(tokens);
    return new Entry(name, new String(owner, UTF_8), tokens, size + Files.size(session(name)));
  }

  private Path session(String name) {
    return directory.resolve(name + SESSION);
  }

  private Path tokens(String name) {
    return directory.resolve(name + TOKENS);
  }

  /** What a file must be of; whether it really is, the runtime finds out. */
  private String owner(LanguageModel model) {
    ModelInfo info = model.info();
    return String.join(
        ", ",
        info.architecture(),
        info.parameters() + " parameters in " + info.precision(),
        "vocabulary " + info.vocabularySize(),
        "context " + info.contextLength(),
        info.layers() + " layers of " + info.hiddenSize(),
        "tokenizer " + tokenizer);
  }

  private static String name(String owner, int[] tokens) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(owner.getBytes(UTF_8));
      ByteBuffer ids = ByteBuffer.allocate(Integer.BYTES * tokens.length);
      ids.asIntBuffer().put(tokens);
      digest.update(ids);
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * The file that has the most of a sequence's first tokens, if it has enough more than are held
   * already; null if there is none, or it cannot be used.
   */
  @Nullable Restored restore(LanguageModel model, int[] sequence, int limit, int held) {
    Entry best = longest(owner(model), sequence, limit, held + WORTH_A_FILE);
    if (best == null) {
      return null;
    }
    Session session;
    try {
      session = model.restore(session(best.name), tokenizer);
    } catch (IOException e) {
      forget(best, e);
      return null;
    } catch (CacheFullException e) {
      return null; // reading the tokens will say so, if there still is no memory by then
    }
    if (session.length() != best.tokens.length) {
      session.close();
      forget(best, new IOException(session(best.name) + ": has other tokens than " + TOKENS));
      return null;
    }
    used(best);
    return new Restored(best.tokens, session);
  }

  private synchronized @Nullable Entry longest(
      String owner, int[] sequence, int limit, int atLeast) {
    Entry best = null;
    int longest = atLeast - 1;
    for (Entry entry : entries.values()) {
      int max = Math.min(limit, entry.tokens.length);
      if (max > longest && entry.owner.equals(owner)) {
        int different = Arrays.mismatch(entry.tokens, 0, max, sequence, 0, max);
        int common = different < 0 ? max : different;
        if (common > longest) {
          best = entry;
          longest = common;
        }
      }
    }
    return best;
  }

  private synchronized void used(Entry entry) {
    restored++;
    if (entries.remove(entry.name) != null) {
      entries.put(entry.name, entry);
    }
    try {
      Files.setLastModifiedTime(tokens(entry.name), FileTime.from(Instant.now()));
    } catch (IOException e) {
      // then it counts as older than it is
    }
  }

  /** A file that cannot be used stays, since it may be another model's, until it is replaced. */
  private synchronized void forget(Entry entry, IOException reason) {
    failed(reason);
    if (entries.remove(entry.name, entry)) {
      bytes -= entry.bytes;
    }
  }

  private void failed(IOException reason) {
    failures++;
    lastFailure = reason.toString();
  }

  /** Counts a beginning that is not written. */
  synchronized void lost(int[] sequence, String reason) {
    failures++;
    lastFailure = "a beginning of " + sequence.length + " tokens was not written: " + reason;
  }

  /** Whether a beginning is in a file already, or is not worth one. */
  synchronized boolean needsNone(LanguageModel model, int[] sequence) {
    int length = sequence.length;
    return length < WORTH_A_FILE || longest(owner(model), sequence, length, length) != null;
  }

  /** Writes a session, and deletes the files of what it begins with. */
  void write(int[] sequence, Session session) {
    try {
      long size = session.bytes();
      if (size > maxBytes) {
        lost(sequence, "it takes " + size + " bytes, more than the " + maxBytes + " of all files");
        return;
      }
      String owner = owner(session.model());
      String name = name(owner, sequence);
      session.save(session(name), tokenizer);
      hide(session(name)); // where a runtime does not
      AtomicFile.writePrivate(tokens(name), frame(owner, sequence));
      add(new Entry(name, owner, sequence, Files.size(session(name)) + Files.size(tokens(name))));
    } catch (IOException e) {
      synchronized (this) {
        failed(e);
      }
    }
  }

  private static void hide(Path file) throws IOException {
    try {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (UnsupportedOperationException e) {
      // this system knows no owners
    }
  }

  private static ByteBuffer frame(String owner, int[] sequence) {
    byte[] text = owner.getBytes(UTF_8);
    ByteBuffer out = ByteBuffer.allocate(FRAME + text.length + 4 * sequence.length);
    out.putLong(MAGIC).putInt(text.length).putInt(sequence.length).put(text);
    for (int token : sequence) {
      out.putInt(token);
    }
    CRC32C checksum = new CRC32C();
    checksum.update(out.slice(0, out.position()));
    return out.putInt((int) checksum.getValue()).flip();
  }

  private synchronized void add(Entry entry) {
    written++;
    Entry old = entries.put(entry.name, entry);
    bytes += entry.bytes - (old == null ? 0 : old.bytes);
    for (Entry other : List.copyOf(entries.values())) {
      int length = other.tokens.length;
      if (length < entry.tokens.length
          && other.owner.equals(entry.owner)
          && Arrays.mismatch(other.tokens, 0, length, entry.tokens, 0, length) < 0) {
        remove(other);
      }
    }
    makeRoom(1);
  }

  /** Deletes the least recently used beyond the bound, but not the newest ones. */
  private void makeRoom(int kept) {
    while (bytes > maxBytes && entries.size() > kept) {
      remove(entries.values().iterator().next());
    }
  }

  private void remove(Entry entry) {
    entries.remove(entry.name);
    bytes -= entry.bytes;
    delete(entry.name);
  }

  /**
   * The tokens first: without them the session is not found. What cannot be deleted, as in a
   * directory that may only be read, stays and counts as a failure.
   */
  private void delete(String name) {
    try {
      Files.deleteIfExists(tokens(name));
      Files.deleteIfExists(session(name));
    } catch (IOException e) {
      failed(e);
    }
  }

  synchronized long restored() {
    return restored;
  }

  synchronized long written() {
    return written;
  }

  synchronized long failures() {
    return failures;
  }

  synchronized Optional<String> lastFailure() {
    return Optional.ofNullable(lastFailure);
  }
}

package io.fundamentallm.webservice;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.TinyChat;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The packed service laid out as in its image, and beside it an archive of its classes, which the
 * image does not have: a start takes half the processor time, and the tests start some thirty.
 */
record Unpacked(Path jar, Path archive) {
  private static Unpacked unpacked;

  /** What comes behind {@code java}. The tests' processes share one, which the first lays out. */
  @SuppressWarnings("try") // the lock is held, not used
  static synchronized List<String> arguments() throws IOException, InterruptedException {
    if (unpacked == null) {
      // an archive is that of one build of a JDK
      String jdk = System.getProperty("java.runtime.version").replaceAll("[^\\w.]", "-");
      Path place = Path.of("target/unpacked-" + jdk).toAbsolutePath();
      Files.createDirectories(place);
      try (FileChannel channel = FileChannel.open(place.resolve("lock"), CREATE, WRITE);
          FileLock lock = channel.lock()) {
        Unpacked service = new Unpacked(place.resolve("service.jar"), place.resolve("classes.jsa"));
        if (!service.isThatOf(Server.jar())) {
          service.layOut(place, Server.jar());
        }
        unpacked = service;
      }
    }
    return List.of("-XX:SharedArchiveFile=" + unpacked.archive, "-jar", unpacked.jar.toString());
  }

  /** A build packs the same bytes anew, with another time. */
  private boolean isThatOf(Path packed) throws IOException {
    return Files.exists(archive) && Files.exists(copy()) && Files.mismatch(copy(), packed) == -1;
  }

  private Path copy() {
    return jar.resolveSibling("packed").resolve(jar.getFileName());
  }

  private void layOut(Path place, Path packed) throws IOException, InterruptedException {
    Files.deleteIfExists(archive);
    Files.createDirectories(copy().getParent());
    Files.copy(packed, copy(), REPLACE_EXISTING);
    String from = copy().toString();
    Jdk.running()
        .java(
            place,
            List.of("-Djarmode=tools", "-jar", from, "extract", "--destination", ".", "--force"))
        .succeeded();

    Path log = place.resolve("log.txt");
    Path part = place.resolve("part.jsa");
    Files.deleteIfExists(part);
    List<String> recording =
        List.of("-XX:ArchiveClassesAtExit=" + part, "-Xlog:cds=off", "-jar", jar.toString());
    Map<String, String> key = Map.of("FUNDAMENTALLM_APIKEY", Server.KEY);
    try (Server server =
        Server.started(Server.launch(log, recording, key, TinyChat.longContext()), log)) {
      server.ask("/v1/completions", "{\"prompt\": \"I am\", \"max_tokens\": 2}");
      server.ask(
          "/v1/chat/completions",
          "{\"messages\": [{\"role\": \"user\", \"content\": \"I am\"}], \"max_tokens\": 2}");
      server.stop();
    }
    if (!Files.exists(part)) { // else each start would go without, and say nothing
      throw new IOException(part + " was not written; see " + log);
    }
    Files.move(part, archive); // whole: what ends half-way leaves none
  }
}

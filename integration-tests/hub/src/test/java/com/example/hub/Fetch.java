package com.example.hub;

import io.fundamentallm.hub.HubException;
import io.fundamentallm.hub.ModelHub;
import java.io.IOException;
import java.nio.file.Path;

/** Downloads a model at a commit, shows how far it is, and says where it lies. */
public final class Fetch {
  private Fetch() {}

  /** The name of a model, and a revision. */
  public static void main(String[] args) throws IOException {
    ModelHub hub =
        ModelHub.standard() // endpoint, cache and token from the environment
            .withRevision(args[1]) // a commit is the same for ever
            .withListener((file, done, size) -> System.err.printf("%s %d/%d%n", file, done, size));
    try {
      Path model = hub.download(args[0]); // what is there is not downloaded again
      System.out.println(model);
    } catch (HubException e) {
      System.out.println(e.getMessage() + " (status " + e.status() + ")");
    }
  }
}

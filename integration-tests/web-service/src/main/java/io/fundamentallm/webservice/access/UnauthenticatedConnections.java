package io.fundamentallm.webservice.access;

import io.fundamentallm.webservice.settings.ServiceSettings;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Connections whose clients have not shown that they may ask for anything. They get a small share,
 * so that nobody without the key can keep others out; if it is full, the oldest is turned away, so
 * that every newcomer is served. Thread-safe.
 *
 * <p>Newcomers are spared until they had the time to say something: many clients with a key may
 * begin at the same moment. Together all may be {@link #BURST} times the share at most, and so may
 * those that are being turned away.
 */
@Component
final class UnauthenticatedConnections {
  /** With the share by default, 2,048: what 1,000 clients need that begin at once, twice. */
  static final int BURST = 16;

  private static final Logger LOG = LoggerFactory.getLogger(UnauthenticatedConnections.class);

  private final int max;
  private final RareWarning full;

  /** The oldest first, as in the others. Guarded by this, as are the others. */
  private final Set<ConnectionGuard> newcomers = new LinkedHashSet<>();

  private final Set<ConnectionGuard> open = new LinkedHashSet<>();
  private final Set<ConnectionGuard> leaving = new LinkedHashSet<>();

  UnauthenticatedConnections(ServiceSettings settings) {
    max = settings.limits().unauthenticated();
    full =
        new RareWarning(
            LOG,
            "connections without the key that were cut for newer ones, as there were more than "
                + max);
  }

  /** Adds a new connection, or one that is no longer known; it is spared until it has aged. */
  void add(ConnectionGuard connection) {
    ConnectionGuard oldest;
    ConnectionGuard newcomer;
    synchronized (this) {
      forget(connection);
      newcomers.add(connection);
      oldest = surplus();
      newcomer = newcomers.size() + open.size() > (long) BURST * max ? first(newcomers) : null;
    }
    turnAway(oldest, true);
    turnAway(newcomer, false);
  }

  /** A connection has had its time to say something. */
  void age(ConnectionGuard connection) {
    ConnectionGuard oldest = null;
    synchronized (this) {
      if (newcomers.remove(connection)) {
        open.add(connection);
        oldest = surplus();
      }
    }
    turnAway(oldest, true);
  }

  /** A connection was given its last answer, which its client still has to read. */
  void leave(ConnectionGuard connection) {
    ConnectionGuard oldest;
    synchronized (this) {
      forget(connection);
      leaving.add(connection);
      oldest = leaving.size() > (long) BURST * max ? first(leaving) : null;
    }
    turnAway(oldest, false);
  }

  /** Removes a connection that is now known, or closed. */
  synchronized void remove(ConnectionGuard connection) {
    forget(connection);
  }

  private void forget(ConnectionGuard connection) {
    newcomers.remove(connection);
    open.remove(connection);
    leaving.remove(connection);
  }

  private @Nullable ConnectionGuard surplus() {
    return newcomers.size() + open.size() > max && !open.isEmpty() ? first(open) : null;
  }

  private static ConnectionGuard first(Set<ConnectionGuard> connections) {
    Iterator<ConnectionGuard> first = connections.iterator();
    ConnectionGuard oldest = first.next();
    first.remove();
    return oldest;
  }

  private void turnAway(@Nullable ConnectionGuard connection, boolean patiently) {
    if (connection != null) {
      connection.turnAway(patiently);
      full.count();
    }
  }
}

package io.fundamentallm.commandline;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.IncompatibleThreadStateException;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.ListeningConnector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.ClassPrepareRequest;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The program under a debugger, by which a test says which of its threads goes on when. */
final class HeldProcess implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(20);

  private final Process process;
  private final Path output;
  private final VirtualMachine machine;
  private final List<ThreadReference> held = new ArrayList<>();
  private boolean taken; // one overload may call another, which does not count

  private HeldProcess(Process process, Path output, VirtualMachine machine) {
    this.process = process;
    this.output = output;
    this.machine = machine;
  }

  /** Starts a command, of which nothing runs yet. */
  static HeldProcess start(Shell shell, String... arguments) throws Exception {
    ListeningConnector connector =
        Bootstrap.virtualMachineManager().listeningConnectors().stream()
            .filter(one -> one.name().equals("com.sun.jdi.SocketListen"))
            .findFirst()
            .orElseThrow();
    Map<String, Connector.Argument> settings = connector.defaultArguments();
    settings.get("localAddress").setValue("127.0.0.1");
    settings.get("timeout").setValue(Long.toString(TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS)));
    String address = connector.startListening(settings);
    try {
      List<String> command = shell.command(arguments);
      command.add(
          1, "-agentlib:jdwp=transport=dt_socket,server=n,suspend=y,quiet=y,address=" + address);
      Path input = Files.writeString(Files.createTempFile(shell.folder(), "in", ".txt"), "It\n");
      Path output = Files.createTempFile(shell.folder(), "out", ".txt");
      Process process =
          new ProcessBuilder(command)
              .directory(shell.folder().toFile())
              .redirectInput(input.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      return new HeldProcess(process, output, connector.accept(settings));
    } finally {
      connector.stopListening(settings);
    }
  }

  /** The first thread that comes to a method is held there. */
  void holdAt(String type, String method) {
    hold(type, method, true);
  }

  /** Threads that are about to end the process are held: before they ask for it, and at last. */
  void holdAtTheEnd() {
    hold("java.lang.System", "exit", false);
    hold("java.lang.Shutdown", "halt", false);
  }

  private void hold(String type, String method, boolean once) {
    for (ReferenceType loaded : machine.classesByName(type)) {
      hold(loaded, method, once);
      return;
    }
    ClassPrepareRequest request = machine.eventRequestManager().createClassPrepareRequest();
    request.addClassFilter(type);
    request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
    request.putProperty("method", method);
    request.putProperty("once", once);
    request.enable();
  }

  private void hold(ReferenceType type, String method, boolean once) {
    List<Method> overloads = type.methodsByName(method);
    if (overloads.isEmpty()) {
      throw new AssertionError(type + " has no " + method);
    }
    for (Method one : overloads) {
      BreakpointRequest request =
          machine.eventRequestManager().createBreakpointRequest(one.location());
      request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
      request.putProperty("once", once);
      request.enable();
    }
  }

  /** Lets all threads run that are not held. */
  void run() {
    machine.resume();
  }

  /** Waits until a thread is held. */
  ThreadReference waitFor(String thread) throws Exception {
    long start = System.nanoTime();
    while (!isHeld(thread)) {
      requireTime(start, thread);
      listen();
    }
    return held.stream().filter(one -> one.name().equals(thread)).findFirst().orElseThrow();
  }

  boolean isHeld(String thread) {
    return held.stream().anyMatch(one -> one.name().equals(thread));
  }

  void letGo(ThreadReference thread) {
    held.remove(thread);
    thread.resume();
  }

  /** Waits until a thread is held, or waits in {@code exit} for ever. */
  void waitForEnd(String thread) throws Exception {
    long start = System.nanoTime();
    while (!isHeld(thread) && waiting(thread, "exit") == 0) {
      requireTime(start, thread);
      listen();
    }
  }

  /** Waits until so many threads of a name wait in a method. */
  void waitForWaiting(String thread, String method, int count) throws Exception {
    long start = System.nanoTime();
    while (waiting(thread, method) < count) {
      requireTime(start, thread);
      listen();
    }
  }

  private int waiting(String name, String method) throws IncompatibleThreadStateException {
    int count = 0;
    for (ThreadReference thread : machine.allThreads()) {
      if (thread.name().equals(name)) {
        thread.suspend();
        int status = thread.status();
        boolean waits =
            status == ThreadReference.THREAD_STATUS_WAIT
                || status == ThreadReference.THREAD_STATUS_MONITOR;
        if (waits
            && thread.frames().stream()
                .anyMatch(frame -> frame.location().method().name().equals(method))) {
          count++;
        }
        thread.resume();
      }
    }
    return count;
  }

  private void listen() throws InterruptedException {
    EventSet events = machine.eventQueue().remove(10);
    if (events == null) {
      return;
    }
    for (Event event : events) {
      if (event instanceof BreakpointEvent at) {
        boolean once = at.request().getProperty("once").equals(true);
        if (!once || !taken) {
          taken |= once;
          held.add(at.thread()); // stays as it is
          return;
        }
      } else if (event instanceof ClassPrepareEvent prepared) {
        hold(
            prepared.referenceType(),
            (String) event.request().getProperty("method"),
            (Boolean) event.request().getProperty("once"));
      }
    }
    events.resume();
  }

  private void requireTime(long start, String thread) throws IOException {
    if (System.nanoTime() - start > PATIENCE_NANOS) {
      throw new AssertionError(thread + " did not come; the program wrote: " + output());
    }
  }

  void signal(String name) throws IOException, InterruptedException {
    String kill = "kill -s " + name + " " + process.pid();
    int exit = new ProcessBuilder("sh", "-c", kill).inheritIO().start().waitFor();
    if (exit != 0) {
      throw new AssertionError(kill + " failed");
    }
  }

  /** Waits for the end. */
  int exit() throws InterruptedException {
    if (!process.waitFor(PATIENCE_NANOS, TimeUnit.NANOSECONDS)) {
      throw new AssertionError("still running");
    }
    return process.exitValue();
  }

  /** What it wrote. */
  String output() throws IOException {
    return Files.readString(output);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

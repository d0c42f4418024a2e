package com.ytempire.sidecar.youtube;

/** Carries a {@link Failure} to whoever can do something about it. */
public final class YouTubeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Failure failure;

  YouTubeException(Failure failure) {
    super(failure.message());
    this.failure = failure;
  }

  YouTubeException(Failure failure, Throwable cause) {
    super(failure.message(), cause);
    this.failure = failure;
  }

  public Failure failure() {
    return failure;
  }
}

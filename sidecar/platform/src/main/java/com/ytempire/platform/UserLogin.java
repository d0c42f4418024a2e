package com.ytempire.platform;

/** A user's own database login. */
public record UserLogin(String name, String password, String email) {}

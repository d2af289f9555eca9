//! The channels' ways in and out, one folder each. They know the domain, the ports and the settings, never each other.

pub mod email;
pub mod health;
pub mod notification;
pub mod relay;
pub mod web;
pub mod whatsapp;

"""Editors on this machine: where their folders are, and whether one runs."""

from __future__ import annotations

from chatcask.assistants.vscode.guard.machine_guard import Guard as Guard
from chatcask.assistants.vscode.guard.machine_guard import MachineGuard as MachineGuard
from chatcask.assistants.vscode.guard.machine_guard import RunningEditor as RunningEditor
from chatcask.assistants.vscode.guard.processes import Process as Process
from chatcask.assistants.vscode.guard.processes import ProcessTable as ProcessTable
from chatcask.assistants.vscode.places.locate import Platform as Platform
from chatcask.assistants.vscode.places.locate import Source as Source
from chatcask.assistants.vscode.places.locate import default_manifest as default_manifest
from chatcask.assistants.vscode.places.locate import locate as locate
from chatcask.assistants.vscode.places.locate import refuse_inside_editor as refuse_inside_editor
from chatcask.assistants.vscode.places.locate import source_for as source_for
from chatcask.assistants.vscode.places.manifest import Manifest as Manifest
from chatcask.assistants.vscode.places.manifest import ManifestEntry as ManifestEntry
from chatcask.assistants.vscode.places.manifest import Selection as Selection
from chatcask.assistants.vscode.places.manifest import read_manifest as read_manifest
from chatcask.assistants.vscode.places.manifest import selections as selections
from chatcask.assistants.vscode.places.products import PRODUCTS as PRODUCTS
from chatcask.assistants.vscode.places.products import Product as Product
from chatcask.assistants.vscode.places.products import product_named as product_named

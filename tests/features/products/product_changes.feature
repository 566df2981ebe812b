@core @http @command-line
Feature: Changing a product
  Staff change prices and withdraw products. Each change is recorded with name and reason.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33

  Rule: A change of price or listing applies to orders placed afterwards

    @PRD-09
    Scenario: A new price does not change an order that was placed before
      Given Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      When staff change the price of "6.86x-1T2027" to $49.33
      Then Ada's order costs $39.33
      When Bob adds "6.86x-1T2027" to his basket
      Then the total of Bob's basket is $49.33

    @PRD-10
    Scenario: A withdrawn product is refused until it is put back on sale
      When staff withdraw "6.86x-1T2027"
      And Ada adds "6.86x-1T2027" to her basket
      Then the shop refuses with the message "is no longer sold"
      When staff put "6.86x-1T2027" back on sale
      And Ada adds "6.86x-1T2027" to her basket
      Then the total of Ada's basket is $39.33

    @PRD-16
    Scenario: An order that was placed before the withdrawal can still be paid
      Given Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      When staff withdraw "6.86x-1T2027"
      And Ada pays with a valid card
      Then Ada's order is paid

  Rule: The audit log says who changed a product, and why

    @PRD-11
    Scenario: A price change and a withdrawal are in the audit log
      When staff change the price of "6.86x-1T2027" to $49.33
      And staff withdraw "6.86x-1T2027"
      Then the audit log of "6.86x-1T2027" shows
        | who | what                  | why           |
        | eve | on-sale → withdrawn   |               |
        | eve | price $39.33 → $49.33 | fees have gone up |
